//! Points in well-known binary, of ISO and of PostGIS.

/// Longitude and latitude of a point; none if it is empty.
///
/// # Errors
/// If it is no point.
pub(super) fn point(bytes: &[u8]) -> Result<Option<[f64; 2]>, String> {
    let truncated = || "a geometry that ends too early".to_owned();
    let big = match bytes.first() {
        Some(0) => true,
        Some(1) => false,
        Some(_) => return Err("no well-known binary".into()),
        None => return Err(truncated()),
    };
    let number = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let kind = number(1).ok_or_else(truncated)?;
    // PostGIS says in the highest bits that there are heights, measures, or a reference system.
    let start = if kind & 0x2000_0000 == 0 { 5 } else { 9 };
    let plain = (kind & 0x0fff_ffff) % 1000;
    if plain != 1 {
        return Err(format!("a geometry of type {plain}, not a point"));
    }
    let double = |at: usize| -> Option<f64> {
        let bytes: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
        Some(if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
    };
    let [x, y] = [double(start), double(start + 8)].map(|value| value.ok_or_else(truncated));
    let (x, y) = (x?, y?);
    Ok((!x.is_nan() && !y.is_nan()).then_some([x, y]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wkb(kind: u32, big: bool, reference: bool) -> Vec<u8> {
        let mut out = vec![u8::from(!big)];
        let four = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        out.extend(four(kind));
        if reference {
            out.extend(four(4326));
        }
        for value in [9.5f64, 47.25, 450.0] {
            out.extend(if big { value.to_be_bytes() } else { value.to_le_bytes() });
        }
        out
    }

    #[test]
    fn points_of_all_dialects() {
        for (kind, reference) in
            [(1, false), (1001, false), (3001, false), (0x8000_0001, false), (0x2000_0001, true)]
        {
            for big in [false, true] {
                assert_eq!(point(&wkb(kind, big, reference)), Ok(Some([9.5, 47.25])));
            }
        }
    }

    #[test]
    fn all_else_is_refused() {
        assert!(point(&wkb(3, false, false)).is_err());
        let whole = wkb(1, false, false);
        (0..21).for_each(|end| assert!(point(&whole[..end]).is_err(), "{end}"));
        assert!(point(&[7; 30]).is_err());
        let mut empty = whole;
        empty[5..13].copy_from_slice(&f64::NAN.to_le_bytes());
        assert_eq!(point(&empty), Ok(None));
    }
}
