//! What filters mean and which are refused. On data they are tested in `points::tests::tiles`.

use super::bind;
use crate::cql2::parse;
use crate::points::column::{Column, Data};

fn columns() -> Vec<Column> {
    let mut strings = crate::points::text::Interner::default();
    let keys: Vec<u8> =
        ["a", "b%", "Straße", "", "O'Hara"].map(|string| strings.number(string).unwrap() as u8).into();
    let keys = crate::points::column::Keys::U8(keys.into());
    let valid = |bits: [bool; 5]| Some(bits.to_vec().into());
    vec![
        Column::new("name".into(), Data::Text(keys, strings.finish().into()), None),
        Column::new("n".into(), Data::I64(vec![-3, 0, 7, i64::MAX, i64::MIN].into()), None),
        Column::new(
            "m".into(),
            Data::I32(vec![1, 2, 3, 4, i32::MAX].into()),
            valid([true, true, false, true, true]),
        ),
        Column::new("f".into(), Data::F64(vec![-0.0, 0.5, f64::INFINITY, 3.0, 1e300].into()), None),
        Column::new("t".into(), Data::Time(vec![0, 1000, 86_400_000, -1, 5].into()), None),
        Column::new("b".into(), Data::Bool(vec![true, false, true, false, true].into()), None),
        Column::new("a b".into(), Data::F32(vec![0.1, 0.2, 0.3, 0.4, 0.5].into()), None),
    ]
}

/// The rows that a filter takes.
fn rows(filter: &str) -> Result<Vec<usize>, String> {
    let columns = columns();
    let predicate = bind(&parse(filter, 64)?, &columns)?;
    let yes = predicate.of(&columns, 5, 0).yes;
    assert_eq!(yes >> 5, 0, "{filter} takes rows there are not");
    Ok((0..5).filter(|row| yes >> row & 1 == 1).collect())
}

#[test]
fn filters_take_the_rows_they_are_true_of() {
    for (filter, taken) in [
        ("n > 0", &[2, 3][..]),
        ("n >= 0", &[1, 2, 3]),
        ("n < 0.5", &[0, 1, 4]),
        ("n > -0.5 and N IS NOT NULL OR false", &[]),
        ("n <> 7", &[0, 1, 3, 4]),
        ("7 = n", &[2]),
        ("0 < n", &[2, 3]),
        ("n = 7.5", &[]),
        ("n <> 7.5", &[0, 1, 2, 3, 4]),
        ("n < 1e30", &[0, 1, 2, 3, 4]),
        ("n > 9223372036854775807", &[]),
        ("n > 9223372036854775806", &[3]),
        ("n = -9223372036854775808.0", &[4]),
        ("n IN (7, 0, 7)", &[1, 2]),
        ("n IN (0.5, 7)", &[2]),
        ("n NOT IN (7, 0)", &[0, 3, 4]),
        ("n between -3 and 7", &[0, 1, 2]),
        ("n NOT BETWEEN -3 AND 7", &[3, 4]),
        ("m = 2147483647", &[4]),
        ("m > 2147483647", &[]),
        ("m < 3000000000", &[0, 1, 3, 4]),
        ("m IS NULL", &[2]),
        ("NOT (m < 3)", &[3, 4]),
        ("m < 3 OR m IS NULL", &[0, 1, 2]),
        ("NOT NOT m < 3", &[0, 1]),
        ("f = 0", &[0]),
        ("f IN (0, 3)", &[0, 3]),
        ("f > 0.5", &[2, 3, 4]),
        ("f >= 0.5 AND f < 1e300", &[1, 3]),
        ("f / f = 1", &[1, 3, 4]),
        ("NOT (f / f = 1)", &[]),
        ("(n + m) * 2 > 3", &[1, 3]),
        ("n = m - 2", &[1]),
        ("-n = 3", &[0]),
        ("2 + 2 * 2 = 6", &[0, 1, 2, 3, 4]),
        ("(2 + 2) * 2 = 8 AND (n = 7)", &[2]),
        ("name = 'a'", &[0]),
        ("name > 'a'", &[1]),
        ("name LIKE '%a%'", &[0, 2, 4]),
        ("name LIKE 'b\\%'", &[1]),
        ("CASEI(name) = 'STRASSE' OR CASEI(name) LIKE CASEI('STRA%')", &[2]),
        ("casei(name) = 'o''hara'", &[4]),
        ("name IN ('a', 'O''Hara', 'zzz')", &[0, 4]),
        ("name NOT LIKE '%a%'", &[1, 3]),
        ("t >= TIMESTAMP('1970-01-01T00:00:01Z')", &[1, 2]),
        ("t = '1970-01-02'", &[2]),
        ("t < DATE('1970-01-01')", &[3]),
        ("t IN (5, 1000)", &[1, 4]),
        (
            "t BETWEEN TIMESTAMP('1970-01-01T01:00:00+01:00') AND TIMESTAMP('1970-01-01T00:00:01Z')",
            &[0, 1, 4],
        ),
        ("b", &[0, 2, 4]),
        ("NOT b", &[1, 3]),
        ("b = false", &[1, 3]),
        ("b <> false AND n < 0", &[0, 4]),
        ("TRUE", &[0, 1, 2, 3, 4]),
        ("((((b))))", &[0, 2, 4]),
        ("\"a b\" > 0.25 AND (\"a b\") < 0.45", &[2, 3]),
    ] {
        if filter.contains("N IS") {
            assert!(rows(filter).is_err(), "names are as they are written");
            continue;
        }
        let taken: Vec<usize> = taken.to_vec();
        let found = rows(filter);
        if filter.starts_with("name > 'a'") {
            // All strings that begin with b.
            assert_eq!(found, Ok(vec![1]), "{filter}");
            continue;
        }
        assert_eq!(found, Ok(taken), "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    for (filter, what) in [
        ("", "a value expected at byte 0"),
        ("n >", "a value expected at byte 3"),
        ("n > 1 1", "AND, OR or the end expected at byte 6"),
        ("n = 'x", "a quotation that does not end, from byte 4 on"),
        ("n = 5x", "no number at byte 4"),
        ("n # 5", "'#' at byte 2 means nothing"),
        ("nn = 5", "there is no column \"nn\"; there are name, n, m, f, t, b, a b"),
        ("n = 'a'", "\"n\" has numbers, not what it is compared with"),
        ("name = 5", "\"name\" has strings, not what it is compared with"),
        ("name IN ('a', 5)", "\"name\" has strings, not what it is compared with"),
        ("name", "\"name\" is not a truth value: compare it with something"),
        ("t > 'yesterday'", "\"t\" has moments, and \"yesterday\" is none"),
        ("t > TIMESTAMP('2024-99-01')", "no moment: \"2024-99-01\""),
        ("n LIKE '%'", "\"n\" has no strings, which LIKE needs"),
        ("name + 1 = 2", "\"name\" has no numbers: it can be compared with a constant only"),
        ("n IS 5", "NULL expected at byte 5"),
        ("n BETWEEN 1 OR 2", "AND expected at byte 12"),
        ("n IN 5", "( expected at byte 5"),
        ("(n = 5", ") expected at byte 6"),
        ("n", "\"n\" is not a truth value: compare it with something"),
        ("S_INTERSECTS(geom, POINT(0 0))", "there is no function \"S_INTERSECTS\", at byte 0"),
        ("5", "a comparison expected at byte 1"),
    ] {
        assert_eq!(rows(filter), Err(what.to_owned()), "{filter}");
    }
}

#[test]
fn deep_filters_are_refused_and_long_ones_are_not() {
    let deep = "nested more than 64 deep";
    for (open, close) in [("(", ")"), ("NOT ", ""), ("NOT (", ")")] {
        let filter = format!("{}b{}", open.repeat(10_000), close.repeat(10_000));
        assert_eq!(rows(&filter), Err(deep.into()), "{open}");
    }
    for filter in [
        format!("{}1 = 1", "-".repeat(10_000)),
        format!("n = {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("n = 1{}", " + 1".repeat(10_000)),
        format!("n = 1{}", " * 1".repeat(10_000)),
        format!("{}n{} + 1 = 2", "(".repeat(10_000), ")".repeat(10_000)),
    ] {
        assert_eq!(rows(&filter), Err(deep.into()), "{}", &filter[..20]);
    }
    let long = format!("b{}", " AND b".repeat(10_000));
    assert_eq!(rows(&long), Ok(vec![0, 2, 4]));
    let nested = format!("{}n{} * 1 = 7", "(".repeat(60), ")".repeat(60));
    assert_eq!(rows(&nested), Ok(vec![2]));
}

#[test]
fn no_text_makes_the_parser_fail_badly() {
    let mut random = crate::testing::Random::from_seed(4);
    let words = [
        "n",
        "name",
        "(",
        ")",
        "AND",
        "or",
        "NOT",
        "=",
        "<",
        "IN",
        ",",
        "'a'",
        "5",
        "-",
        "*",
        "BETWEEN",
        "LIKE",
        "IS",
        "NULL",
        "CASEI",
        "TIMESTAMP",
        "'2024-01-01'",
        "b",
        "1e5",
        "ä",
        "\"",
        "'",
        ".",
        "true",
    ];
    let mut understood = 0;
    for _ in 0..20_000 {
        let some: Vec<&str> = (0..random.below(9)).map(|_| *random.pick(&words)).collect();
        understood += usize::from(rows(&some.join(" ")).is_ok());
    }
    assert!(understood > 50, "{understood}");
}
