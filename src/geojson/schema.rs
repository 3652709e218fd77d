//! The types of columns: what the values that features have in one place have in common.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde_json::{Map, Number, Value};

use crate::column::Value as Cell;
use crate::column::nested::builder::Item;

/// Objects of so many names and fewer are always structs.
const FEW_NAMES: usize = 8;

/// What values were seen in one place.
#[derive(Debug, Default)]
pub(super) struct Place {
    bools: bool,
    texts: bool,
    numbers: Option<Numbers>,
    lists: Option<Box<List>>,
    objects: Option<Objects>,
}

#[derive(Debug, Default)]
struct List {
    elements: u64,
    place: Place,
}

#[derive(Debug, Default)]
struct Objects {
    /// How many objects there were, and how many members they had together.
    count: u64,
    members: u64,
    fields: Vec<(String, Place)>,
    by_name: HashMap<String, usize, FixedState>,
}

/// What numbers were seen.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    negative: bool,
    /// Beyond what a signed integer holds.
    large: bool,
    /// With a point or an exponent.
    fraction: bool,
    /// Integers that a double does not hold.
    inexact: bool,
}

/// How numbers of one place are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberForm {
    UInt,
    Int,
    Double,
}

impl NumberForm {
    /// The number in this form, which it has if it is one of those that gave rise to it.
    pub(super) fn cell(self, number: &Number) -> Option<Cell<'static>> {
        match self {
            Self::UInt => number.as_u64().map(Cell::UInt),
            Self::Int => number.as_i64().map(Cell::Int),
            Self::Double => number.as_f64().map(Cell::Double),
        }
    }

    /// The form of one number by itself.
    pub(super) fn of(number: &Number) -> Self {
        match (number.is_u64(), number.is_i64()) {
            (true, _) => Self::UInt,
            (_, true) => Self::Int,
            _ => Self::Double,
        }
    }
}

impl Numbers {
    fn add(&mut self, number: &Number) {
        let magnitude = number.as_i64().map_or(number.as_u64().unwrap_or(0), i64::unsigned_abs);
        self.negative |= number.as_i64().is_some_and(|value| value < 0);
        self.large |= number.is_u64() && !number.is_i64();
        self.fraction |= number.is_f64();
        self.inexact |= magnitude > 1 << f64::MANTISSA_DIGITS;
    }

    fn form(self) -> Option<NumberForm> {
        match self {
            Self { fraction: true, inexact, .. } => (!inexact).then_some(NumberForm::Double),
            Self { negative: true, large, .. } => (!large).then_some(NumberForm::Int),
            _ => Some(NumberForm::UInt),
        }
    }
}

impl Place {
    pub(super) fn add(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) => self.bools = true,
            Value::String(_) => self.texts = true,
            Value::Number(number) => self.numbers.get_or_insert_default().add(number),
            Value::Array(items) => {
                let list = self.lists.get_or_insert_default();
                list.elements += items.len() as u64;
                items.iter().for_each(|item| list.place.add(item));
            }
            Value::Object(members) => {
                let objects = self.objects.get_or_insert_default();
                objects.count += 1;
                for (name, value) in members {
                    objects.members += u64::from(!value.is_null());
                    objects.field(name).add(value);
                }
            }
        }
    }

    /// How many types of values there are.
    fn kinds(&self) -> usize {
        let Self { bools, texts, numbers, lists, objects } = self;
        [*bools, *texts, numbers.is_some(), lists.is_some(), objects.is_some()]
            .into_iter()
            .filter(|is| *is)
            .count()
    }

    fn is_scalar(&self) -> bool {
        self.lists.is_none() && self.objects.is_none()
    }
}

impl Objects {
    fn field(&mut self, name: &str) -> &mut Place {
        let index = match self.by_name.get(name) {
            Some(&index) => index,
            None => {
                self.by_name.insert(name.to_owned(), self.fields.len());
                self.fields.push((name.to_owned(), Place::default()));
                self.fields.len() - 1
            }
        };
        &mut self.fields[index].1
    }

    /// The form of all members' values together, if they are no lists and objects and have one.
    fn common(&self) -> Option<Form> {
        let mut all = Place::default();
        for (_, place) in &self.fields {
            if !place.is_scalar() {
                return None;
            }
            all.bools |= place.bools;
            all.texts |= place.texts;
            if let Some(Numbers { negative, large, fraction, inexact }) = place.numbers {
                let numbers = all.numbers.get_or_insert_default();
                numbers.negative |= negative;
                numbers.large |= large;
                numbers.fraction |= fraction;
                numbers.inexact |= inexact;
            }
        }
        all.scalar()
    }
}

/// How the values of one place are held.
#[derive(Debug)]
pub(super) enum Form {
    /// There are none but nulls.
    Null,
    Bool,
    Text,
    Number(NumberForm),
    List(Box<Form>),
    Struct(HashMap<String, Form, FixedState>),
    Map(Box<Form>),
    /// They have nothing in common.
    Json,
}

impl Place {
    fn scalar(&self) -> Option<Form> {
        match self {
            place if !place.is_scalar() || place.kinds() > 1 => None,
            Self { bools: true, .. } => Some(Form::Bool),
            Self { texts: true, .. } => Some(Form::Text),
            Self { numbers: Some(numbers), .. } => numbers.form().map(Form::Number),
            _ => Some(Form::Null),
        }
    }
}

/// What a property's values are, by the types that they have.
#[derive(Debug, Default)]
pub(super) struct Forms {
    number: Option<NumberForm>,
    list: Option<Form>,
    object: Option<Form>,
}

/// Decides on forms.
pub(super) struct Decisions<'a> {
    /// The paths of maps.
    pub(super) maps: &'a [String],
    /// The paths of places that hold JSON text for want of a type.
    pub(super) as_text: Vec<String>,
    /// How many values the columns have, with those that are null.
    pub(super) cells: u64,
}

impl Decisions<'_> {
    /// The forms of a property that some of `rows` features have.
    pub(super) fn forms(&mut self, name: &str, place: &Place, rows: u64) -> Forms {
        let columns = place.kinds().saturating_sub(usize::from(!place.is_scalar()));
        self.cells += rows * columns as u64;
        Forms {
            number: place.numbers.and_then(Numbers::form),
            list: place.lists.as_ref().map(|list| self.list(name, list, rows)),
            object: place.objects.as_ref().map(|objects| self.object(name, objects, rows)),
        }
    }

    fn form(&mut self, path: &str, place: &Place, entries: u64) -> Form {
        match place {
            Place { lists: Some(list), .. } if place.kinds() == 1 => return self.list(path, list, entries),
            Place { objects: Some(objects), .. } if place.kinds() == 1 => {
                return self.object(path, objects, entries);
            }
            _ => {}
        }
        self.cells += entries;
        place.scalar().unwrap_or_else(|| {
            self.as_text.push(path.to_owned());
            Form::Json
        })
    }

    fn list(&mut self, path: &str, list: &List, entries: u64) -> Form {
        self.cells += entries;
        Form::List(Box::new(self.form(&format!("{path}[]"), &list.place, list.elements)))
    }

    fn object(&mut self, path: &str, objects: &Objects, entries: u64) -> Form {
        self.cells += entries;
        let asked = self.maps.iter().any(|map| map == path);
        let sparse = objects.fields.len() > FEW_NAMES
            && 2 * objects.members < objects.count.saturating_mul(objects.fields.len() as u64);
        let common = (asked || sparse).then(|| objects.common());
        match common {
            Some(Some(form)) => {
                self.cells += 2 * objects.members;
                return Form::Map(Box::new(form));
            }
            Some(None) if asked => {
                // What the values have in common is their text.
                self.as_text.push(format!("{path}.value"));
                self.cells += 2 * objects.members;
                return Form::Map(Box::new(Form::Json));
            }
            _ => {}
        }
        let fields = objects
            .fields
            .iter()
            .map(|(name, place)| (name.clone(), self.form(&format!("{path}.{name}"), place, entries)));
        Form::Struct(fields.collect())
    }
}

impl Forms {
    /// Makes text of what has no other form.
    pub(super) fn prepare(&self, value: &mut Value) {
        match (&self.list, &self.object, &value) {
            (Some(form), _, Value::Array(_)) | (_, Some(form), Value::Object(_)) => form.prepare(value),
            _ => {}
        }
    }

    /// The value, which was prepared.
    pub(super) fn item<'a>(&self, value: &'a Value) -> Item<'a> {
        match (value, &self.list, &self.object) {
            (Value::Number(number), ..) => {
                let form = self.number.unwrap_or_else(|| NumberForm::of(number));
                form.cell(number).map_or(Item::Null, Item::Value)
            }
            (Value::Array(_), Some(form), _) | (Value::Object(_), _, Some(form)) => form.item(value),
            (value, ..) => scalar(value),
        }
    }

    /// How the numbers are held.
    pub(super) fn number(&self) -> Option<NumberForm> {
        self.number
    }
}

fn scalar(value: &Value) -> Item<'_> {
    match value {
        Value::Bool(value) => Item::Value(Cell::Bool(*value)),
        Value::String(text) => Item::Value(Cell::String(text)),
        _ => Item::Null,
    }
}

impl Form {
    fn prepare(&self, value: &mut Value) {
        match (self, value) {
            (_, Value::Null) => {}
            (Self::Json, value) => *value = Value::String(value.to_string()),
            (Self::List(form), Value::Array(items)) => items.iter_mut().for_each(|item| form.prepare(item)),
            (Self::Map(form), Value::Object(members)) => {
                members.values_mut().for_each(|value| form.prepare(value));
            }
            (Self::Struct(forms), Value::Object(members)) => {
                for (name, value) in members.iter_mut() {
                    if let Some(form) = forms.get(name) {
                        form.prepare(value);
                    }
                }
            }
            _ => {}
        }
    }

    fn item<'a>(&self, value: &'a Value) -> Item<'a> {
        match (self, value) {
            (Self::Number(form), Value::Number(number)) => form.cell(number).map_or(Item::Null, Item::Value),
            (Self::List(form), Value::Array(items)) => {
                Item::List(items.iter().map(|item| form.item(item)).collect())
            }
            (Self::Map(form), Value::Object(members)) => Item::Map(
                present(members)
                    .map(|(key, value)| (Item::Value(Cell::String(key)), form.item(value)))
                    .collect(),
            ),
            (Self::Struct(forms), Value::Object(members)) => {
                let fields = present(members);
                Item::Struct(
                    fields
                        .filter_map(|(name, value)| Some((&name[..], forms.get(name)?.item(value))))
                        .collect(),
                )
            }
            (_, value) => scalar(value),
        }
    }
}

/// The members that have a value.
fn present(members: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    members.iter().filter(|(_, value)| !value.is_null())
}
