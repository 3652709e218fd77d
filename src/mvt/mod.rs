//! Mapbox Vector Tiles: reading, writing and comparing them.
