//! Geometries as well-known binary (OGC 06-103r4, section 8), read from anyone and written in ISO's form.
//!
//! ```text
//! geometry  u8 1 if little endian │ u32 type │ content
//! type      1 point … 7 collection, + 1000 with z, + 2000 with m, + 3000 with both;
//!           or PostGIS's flags: 0x80000000 z, 0x40000000 m, 0x20000000 a u32 SRID follows
//! content   point: a vertex · line: u32 n │ n vertices · polygon: u32 n │ n lines · others: u32 n │ n geometries
//! vertex    f64 x │ f64 y │ [f64 z] │ [f64 m]
//! ```

use crate::geometry::GeometryType;

/// A vertex: x, y, z, m; what it has not is no number.
pub(crate) type Vertex = [f64; 4];

/// What takes a geometry apart.
pub(crate) trait Visit {
    /// A line or ring of `len` vertices, or a point (one).
    fn run(&mut self, len: usize, at: &mut dyn FnMut(usize) -> Vertex) -> crate::error::Result<()>;
    /// The runs since the last part's end are a part.
    fn part(&mut self);
    /// The parts are a geometry of this type.
    fn end(&mut self, kind: GeometryType);
}

/// What takes the geometries of features, one after the other.
pub(crate) trait Collect: Visit {
    /// A feature of this type comes.
    fn start(&mut self, kind: GeometryType);
    /// A feature without a geometry.
    fn none(&mut self);
}

/// What is wrong with the bytes, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: String,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    little: bool,
}

/// What a geometry's type says.
#[derive(Clone, Copy)]
struct Head {
    kind: u32,
    has_z: bool,
    has_m: bool,
}

impl Head {
    fn vertex_bytes(self) -> usize {
        8 * (2 + usize::from(self.has_z) + usize::from(self.has_m))
    }
}

impl<'a> Reader<'a> {
    fn fault<T>(&self, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { at: self.at, what: what.into() })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => self.fault("well-known binary ends early"),
        }
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn head(&mut self) -> Result<Head, Fault> {
        self.little = match self.take::<1>()? {
            [1] => true,
            [0] => false,
            [other] => return self.fault(format!("byte order {other}")),
        };
        let id = self.u32()?;
        if id & 0x2000_0000 != 0 {
            self.u32()?;
        }
        let flags =
            |flag: u32, thousands: [u32; 2]| id & flag != 0 || thousands.contains(&(id % 10_000 / 1000));
        let plain = id & 0x1fff_ffff;
        if plain >= 4000 {
            return self.fault(format!("geometry type {id}"));
        }
        Ok(Head { kind: plain % 1000, has_z: flags(0x8000_0000, [1, 3]), has_m: flags(0x4000_0000, [2, 3]) })
    }

    /// A count of what takes at least `bytes` each, all of which must be there.
    fn count(&mut self, bytes: usize) -> Result<usize, Fault> {
        let count = self.u32()? as usize;
        match count > (self.bytes.len() - self.at) / bytes {
            true => self.fault(format!("{count} parts or vertices, more than there are bytes for")),
            false => Ok(count),
        }
    }

    /// `len` vertices.
    fn run(&mut self, len: usize, head: Head, visit: &mut dyn Visit) -> Result<(), Fault> {
        let (size, little) = (head.vertex_bytes(), self.little);
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.get(..len.checked_mul(size)?));
        let Some(bytes) = bytes else { return self.fault("well-known binary ends early") };
        let mut at = |index: usize| {
            let vertex = &bytes[index * size..(index + 1) * size];
            let number = |place: usize| {
                let bytes = *vertex[8 * place..].first_chunk().expect("as many as its size says");
                if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
            };
            let z = if head.has_z { number(2) } else { f64::NAN };
            let m = if head.has_m { number(2 + usize::from(head.has_z)) } else { f64::NAN };
            [number(0), number(1), z, m]
        };
        visit.run(len, &mut at).map_err(|error| Fault { at: self.at, what: error.what().to_owned() })?;
        self.at += bytes.len();
        Ok(())
    }

    /// The content of a geometry that is no multi.
    fn simple(&mut self, head: Head, visit: &mut dyn Visit) -> Result<(), Fault> {
        match head.kind {
            1 => self.run(1, head, visit)?,
            2 => {
                let len = self.count(head.vertex_bytes())?;
                self.run(len, head, visit)?;
            }
            _ => {
                for _ in 0..self.count(4)? {
                    let len = self.count(head.vertex_bytes())?;
                    self.run(len, head, visit)?;
                }
            }
        }
        visit.part();
        Ok(())
    }
}

/// The type of a geometry by its head; a point if that is none.
pub(super) fn kind(bytes: &[u8]) -> GeometryType {
    let head = Reader { bytes, at: 0, little: true }.head();
    let id = head.ok().and_then(|head| u8::try_from(head.kind).ok()?.checked_sub(1));
    id.and_then(GeometryType::from_id).unwrap_or(GeometryType::Point)
}

/// Hands a geometry over. Of bytes behind it nothing is said.
///
/// # Errors
/// If the bytes are no geometry, or a collection; what was handed over then means nothing.
pub(super) fn read(bytes: &[u8], visit: &mut dyn Visit) -> Result<(), Fault> {
    let mut reader = Reader { bytes, at: 0, little: true };
    let head = reader.head()?;
    let kind = match head.kind {
        1 => GeometryType::Point,
        2 => GeometryType::LineString,
        3 => GeometryType::Polygon,
        4 => GeometryType::MultiPoint,
        5 => GeometryType::MultiLineString,
        6 => GeometryType::MultiPolygon,
        7 => return reader.fault("a collection of geometries, which no feature can have"),
        other => return reader.fault(format!("geometry type {other}")),
    };
    if head.kind <= 3 {
        reader.simple(head, visit)?;
    } else {
        // Each at least a byte order and a type.
        for _ in 0..reader.count(5)? {
            let part = reader.head()?;
            if part.kind != head.kind - 3 {
                return reader.fault(format!("geometry type {} in one of type {}", part.kind, head.kind));
            }
            reader.simple(part, visit)?;
        }
    }
    visit.end(kind);
    Ok(())
}

/// Takes the bounds of the vertices that are numbers.
struct Bounds(Option<[f64; 4]>);

impl Visit for Bounds {
    fn run(&mut self, len: usize, at: &mut dyn FnMut(usize) -> Vertex) -> crate::error::Result<()> {
        for [x, y, ..] in (0..len).map(at) {
            if !x.is_nan() && !y.is_nan() {
                let [west, south, east, north] = self.0.unwrap_or([x, y, x, y]);
                self.0 = Some([west.min(x), south.min(y), east.max(x), north.max(y)]);
            }
        }
        Ok(())
    }

    fn part(&mut self) {}

    fn end(&mut self, _: GeometryType) {}
}

/// West, south, east and north of a geometry; none if it has no vertices, or is none.
pub(crate) fn bounds(wkb: &[u8]) -> Option<[f64; 4]> {
    let mut bounds = Bounds(None);
    read(wkb, &mut bounds).ok()?;
    bounds.0
}

/// The type of a geometry as GeoParquet names it, such as `Point` or `Polygon Z`; none if it is none.
pub(crate) fn type_name(wkb: &[u8]) -> Option<String> {
    let head = Reader { bytes: wkb, at: 0, little: true }.head().ok()?;
    let kind = GeometryType::from_id(u8::try_from(head.kind).ok()?.checked_sub(1)?)?;
    let name = (kind != GeometryType::Commands).then(|| kind.name())?;
    Some(if head.has_z { format!("{name} Z") } else { name.to_owned() })
}

/// Writes the head of a geometry.
pub(super) fn write_head(kind: GeometryType, has_z: bool, out: &mut Vec<u8>) {
    let id = match kind {
        GeometryType::Point => 1,
        GeometryType::LineString => 2,
        GeometryType::Polygon => 3,
        GeometryType::MultiPoint => 4,
        GeometryType::MultiLineString => 5,
        GeometryType::MultiPolygon | GeometryType::Commands => 6,
    };
    debug_assert_ne!(kind, GeometryType::Commands);
    out.push(1);
    out.extend((id + if has_z { 1000 } else { 0u32 }).to_le_bytes());
}

/// Writes how many parts, rings or vertices follow.
pub(super) fn write_count(count: usize, out: &mut Vec<u8>) {
    out.extend((count as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[derive(Default, Debug, PartialEq)]
    struct Seen(Vec<String>);

    impl Visit for Seen {
        fn run(&mut self, len: usize, at: &mut dyn FnMut(usize) -> Vertex) -> crate::error::Result<()> {
            self.0.push(format!("{:?}", (0..len).map(at).collect::<Vec<_>>()));
            Ok(())
        }

        fn part(&mut self) {
            self.0.push("part".into());
        }

        fn end(&mut self, kind: GeometryType) {
            self.0.push(kind.name().into());
        }
    }

    fn seen(hex: &str) -> Result<Vec<String>, Fault> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
        let mut seen = Seen::default();
        read(&bytes, &mut seen).map(|()| seen.0)
    }

    /// 1, 2, 3 and 4, little and big endian.
    const N: [&str; 4] = ["000000000000f03f", "0000000000000040", "0000000000000840", "0000000000001040"];
    const BIG: [&str; 2] = ["3ff0000000000000", "4000000000000000"];

    #[test]
    fn geometries_of_all_writers() {
        let [one, two, three, four] = N;
        let point = ["[[1.0, 2.0, NaN, NaN]]", "part", "Point"];
        assert_eq!(seen(&format!("01 01000000 {one}{two}")).unwrap(), point);
        assert_eq!(seen(&format!("00 00000001 {}{}", BIG[0], BIG[1])).unwrap(), point);
        let iso = seen(&format!("01 e9030000 {one}{two}{three}")).unwrap();
        assert_eq!(iso[0], "[[1.0, 2.0, 3.0, NaN]]");
        let with_m = seen(&format!("01 d1070000 {one}{two}{three}")).unwrap();
        assert_eq!(with_m[0], "[[1.0, 2.0, NaN, 3.0]]");
        let all = "[[1.0, 2.0, 3.0, 4.0]]";
        assert_eq!(seen(&format!("01 b90b0000 {one}{two}{three}{four}")).unwrap()[0], all);
        // PostGIS, with an SRID.
        assert_eq!(seen(&format!("01 010000e0 e6100000 {one}{two}{three}{four}")).unwrap()[0], all);
        let polygon = format!("01 03000000 01000000 02000000 {one}{two}{two}{one}");
        let ring = "[[1.0, 2.0, NaN, NaN], [2.0, 1.0, NaN, NaN]]";
        assert_eq!(seen(&polygon).unwrap(), [ring, "part", "Polygon"]);
        // A multi whose parts have another byte order.
        let multi = format!("01 04000000 02000000 00 00000001 {}{} 01 01000000 {one}{two}", BIG[0], BIG[1]);
        assert_eq!(seen(&multi).unwrap(), [point[0], "part", point[0], "part", "MultiPoint"]);
    }

    #[test]
    fn what_is_no_geometry_is_refused() {
        let what = |hex: &str| seen(hex).unwrap_err();
        assert_eq!(what("").what, "well-known binary ends early");
        assert!(what("02 01000000").what.contains("byte order 2"));
        assert!(what("01 07000000 00000000").what.contains("collection"));
        assert!(what("01 11000000").what.contains("type 17"));
        assert!(what("01 a10f0000").what.contains("type 4001"));
        assert_eq!(what("01 02000000 ffffffff").at, 9);
        assert!(what("01 05000000 01000000 01 01000000").what.contains("type 1 in one of type 5"));
        let [one, two, ..] = N;
        let whole = format!("0103000000 01000000 02000000 {one}{two}{two}{one}").replace(' ', "");
        for len in (0..whole.len()).step_by(2) {
            assert!(seen(&whole[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn any_bytes_are_survived() {
        let mut random = Random::from_seed(9);
        for _ in 0..20_000 {
            let mut bytes: Vec<u8> = (0..random.index(60)).map(|_| random.any() as u8).collect();
            if let [order, kind, ..] = &mut bytes[..] {
                (*order, *kind) = (1, 1 + *kind % 7);
            }
            bytes.iter_mut().skip(2).take(3).for_each(|byte| *byte = 0);
            let _ = read(&bytes, &mut Seen::default());
        }
    }
}
