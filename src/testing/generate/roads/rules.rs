//! Rules: lists of structs, of which each says where along the road (`between`) and for whom (`when`) it holds.

use crate::column::Value;
use crate::column::nested::builder::Item;
use crate::testing::random::Random;

use super::sources::integer;

pub(super) fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

pub(super) fn double(value: f64) -> Item<'static> {
    Item::Value(Value::Double(value))
}

pub(super) fn list<'a>(items: impl IntoIterator<Item = Item<'a>>) -> Item<'a> {
    Item::List(items.into_iter().collect())
}

/// One rule that holds all along the road.
pub(super) fn wholly<'a>(name: &'a str, value: Item<'a>) -> Item<'a> {
    list([Item::Struct(vec![(name, value), ("between", Item::Null)])])
}

/// One rule, that holds all along the road in eleven of twelve cases; else up to some place, as a part of its
/// length.
pub(super) fn scoped<'a>(random: &mut Random, mut fields: Vec<(&'a str, Item<'a>)>) -> Item<'a> {
    let between = match random.chance(1, 12) {
        true => list([double(0.0), double(f64::from(random.within(1, 999_999_999)) / 1e9)]),
        false => Item::Null,
    };
    fields.push(("between", between));
    list([Item::Struct(fields)])
}

/// One of twelve limits is one for lorries, one of forty is variable.
pub(super) fn speed_limits(random: &mut Random, limit: u64) -> Item<'static> {
    let speed = vec![("value", integer(limit as i64)), ("unit", text("km/h"))];
    let when = match random.chance(1, 12) {
        true => Item::Struct(vec![("mode", list([text("hgv")]))]),
        false => Item::Null,
    };
    let variable = match random.chance(1, 40) {
        true => Item::Value(Value::Bool(true)),
        false => Item::Null,
    };
    let speed = Item::Struct(speed);
    let fields = vec![
        ("min_speed", Item::Null),
        ("max_speed", speed),
        ("is_max_speed_variable", variable),
        ("when", when),
    ];
    scoped(random, fields)
}

/// Who may use a road, of one in some.
pub(super) fn access(random: &mut Random, rank: usize) -> Option<Item<'static>> {
    let when = |name, what: Item<'static>| Item::Struct(vec![(name, what)]);
    let one = |mode| list([text(mode)]);
    let (kind, when) = match (rank, random.below(24)) {
        // A street in one direction.
        (3..=6, 0 | 1) => ("denied", when("heading", text("backward"))),
        (3, 2) => ("allowed", when("using", one("as_customer"))),
        (3, 3) => ("denied", weight(random)),
        (2, 0..5) => ("allowed", when("recognized", one("as_private"))),
        (1, 0..10) => ("denied", when("mode", one("motor_vehicle"))),
        (1, 10..13) => ("allowed", when("using", one("to_farm"))),
        (0, 0..3) => ("designated", when("mode", one("bicycle"))),
        _ => return None,
    };
    Some(list([Item::Struct(vec![("access_type", text(kind)), ("when", when), ("between", Item::Null)])]))
}

/// Vehicles heavier than so many tons.
fn weight(random: &mut Random) -> Item<'static> {
    let limit = *random.pick(&[3.5, 7.5, 12.0, 18.0]);
    let scope = vec![
        ("dimension", text("weight")),
        ("comparison", text("greater_than")),
        ("value", double(limit)),
        ("unit", text("t")),
    ];
    Item::Struct(vec![("vehicle", list([Item::Struct(scope)]))])
}

/// Main roads have numbers, and one of twenty others is part of a cycle route.
pub(super) fn routes(random: &mut Random, rank: usize) -> Option<Item<'static>> {
    const NUMBERS: [&str; 12] = ["1", "2", "5", "9", "13", "16", "19", "21", "24", "25", "27", "28"];
    let number = text(random.pick::<&str>(&NUMBERS));
    let fields = match rank {
        5.. => vec![("network", text("LI:H")), ("ref", number)],
        _ if random.chance(1, 20) => {
            vec![("name", text("Rheinroute")), ("network", text("rcn")), ("ref", number)]
        }
        _ => return None,
    };
    Some(list([Item::Struct(fields)]))
}

/// Lanes: as many as a street of that rank has, all of one width. Overture's schema had lanes, with directions
/// and restrictions, until 2024; their width is ours, in place of the rules for the width of roads.
pub(super) fn lanes(of_street: &mut Random, own: &mut Random, rank: usize) -> Item<'static> {
    let width = 2.75 + 0.25 * of_street.below(4) as f64;
    // Near a junction there is one more to turn.
    let count = 2 + usize::from(rank == 6) * of_street.index(3) + usize::from(own.chance(1, 10));
    let bus = of_street.chance(1, 8);
    list((0..count).map(|lane| {
        let direction = if 2 * lane < count { "forward" } else { "backward" };
        let mut fields = vec![("direction", text(direction)), ("width", double(width))];
        if bus && lane == 0 {
            let when = Item::Struct(vec![("mode", list([text("bus")]))]);
            let access = vec![("access_type", text("designated")), ("when", when)];
            fields.push(("restrictions", Item::Struct(vec![("access", list([Item::Struct(access)]))])));
        }
        Item::Struct(fields)
    }))
}
