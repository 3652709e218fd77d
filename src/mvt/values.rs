//! A layer's table of values, as it is read.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::wire::{Cursor, key, wire_type};
use crate::array::Utf8;
use crate::array::utf8::Utf8Builder;
use crate::column::builder::ValueType;
use crate::error::{Error, Result};
use crate::wire::zigzag;

/// Field keys of the message `Value`.
pub(super) mod field {
    use super::{key, wire_type};

    pub(in crate::mvt) const STRING: u64 = key(1, wire_type::LEN);
    pub(in crate::mvt) const FLOAT: u64 = key(2, wire_type::FIXED32);
    pub(in crate::mvt) const DOUBLE: u64 = key(3, wire_type::FIXED64);
    pub(in crate::mvt) const INT: u64 = key(4, wire_type::VARINT);
    pub(in crate::mvt) const UINT: u64 = key(5, wire_type::VARINT);
    pub(in crate::mvt) const SINT: u64 = key(6, wire_type::VARINT);
    pub(in crate::mvt) const BOOL: u64 = key(7, wire_type::VARINT);
}

pub(super) const KNOWN: [(u64, &str); 7] = [
    (1, "string_value"),
    (2, "float_value"),
    (3, "double_value"),
    (4, "int_value"),
    (5, "uint_value"),
    (6, "sint_value"),
    (7, "bool_value"),
];

/// What an entry of the table says.
#[derive(Clone, Copy, Debug)]
enum Content<'a> {
    Nothing,
    Several,
    /// Anything but a string, as its bits.
    Bits(ValueType, u64),
    Text(&'a str),
}

/// The table. Strings get a place in the layer's dictionary when a feature first uses them, so that
/// the dictionary has no string twice and none that nobody uses.
#[derive(Debug, Default)]
pub(super) struct ValueTable<'a> {
    content: Vec<Content<'a>>,
    used: Vec<Option<ValueType>>,
    /// The values in use; a string as its place in the dictionary. One entry more than the others,
    /// the value of those who have none.
    bits: Vec<u64>,
    dictionary: Utf8Builder,
    places: HashMap<&'a str, u32, FixedState>,
}

impl<'a> ValueTable<'a> {
    /// The bytes an entry takes in memory.
    pub(super) const ENTRY: usize = size_of::<Content<'_>>() + size_of::<Option<ValueType>>() + 8;

    /// Reads an entry and tells how many fields of it mean nothing.
    pub(super) fn read(&mut self, mut message: Cursor<'a>) -> Result<u64> {
        let (mut content, mut first, mut unknown) = (Content::Nothing, 0, 0);
        while !message.is_empty() {
            let key = message.varint("a value")?;
            let next = match key {
                field::STRING => Content::Text(message.message("string_value")?.text("string_value")?),
                field::FLOAT => {
                    let bits = u32::from_le_bytes(message.fixed("float_value")?);
                    Content::Bits(ValueType::Float, u64::from(bits))
                }
                field::DOUBLE => {
                    let bits = u64::from_le_bytes(message.fixed("double_value")?);
                    Content::Bits(ValueType::Double, bits)
                }
                field::INT => Content::Bits(ValueType::Int, message.varint("int_value")?),
                field::UINT => Content::Bits(ValueType::UInt, message.varint("uint_value")?),
                field::SINT => {
                    let value = zigzag::decode64(message.varint("sint_value")?);
                    Content::Bits(ValueType::SInt, value as u64)
                }
                field::BOOL => {
                    let value = message.varint("bool_value")? != 0;
                    Content::Bits(ValueType::Bool, u64::from(value))
                }
                _ => {
                    message.skip(key, &KNOWN)?;
                    unknown += 1;
                    continue;
                }
            };
            // The same field again replaces what it said before.
            content = if first == 0 || first == key { next } else { Content::Several };
            first = if first == 0 { key } else { first };
        }
        self.content.push(content);
        Ok(unknown)
    }

    /// Ends the table: from now on it is used.
    pub(super) fn seal(&mut self) {
        self.used = vec![None; self.content.len()];
        self.bits = vec![0; self.content.len() + 1];
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.content.len()
    }

    /// The number of entries no feature has used.
    pub(super) fn unused(&self) -> usize {
        self.used.iter().filter(|used| used.is_none()).count()
    }

    /// The type of entry `index`, which is in use from now on.
    #[inline]
    pub(super) fn use_value(&mut self, index: u32, offset: usize) -> Result<ValueType> {
        match self.used.get(index as usize) {
            Some(&Some(value_type)) => Ok(value_type),
            _ => self.first_use(index as usize, offset),
        }
    }

    #[cold]
    fn first_use(&mut self, index: usize, offset: usize) -> Result<ValueType> {
        let wrong = |what: String| Err(Error::inconsistent(offset, what));
        let (value_type, bits) = match self.content.get(index) {
            Some(&Content::Bits(value_type, bits)) => (value_type, bits),
            Some(&Content::Text(text)) => (ValueType::String, u64::from(self.place(text)?)),
            Some(Content::Nothing) => return wrong(format!("value {index} has none of the known types")),
            Some(Content::Several) => return wrong(format!("value {index} has several types at once")),
            None => return wrong(format!("there is no value {index}, only {}", self.len())),
        };
        self.used[index] = Some(value_type);
        self.bits[index] = bits;
        Ok(value_type)
    }

    fn place(&mut self, text: &'a str) -> Result<u32> {
        if let Some(&place) = self.places.get(text) {
            return Ok(place);
        }
        if self.places.is_empty() {
            self.places.reserve(self.content.len());
        }
        let place = self.dictionary.len() as u32;
        self.dictionary.push(text)?;
        self.places.insert(text, place);
        Ok(place)
    }

    /// The bits of every value in use, one more for those that are absent, and the strings.
    pub(super) fn finish(self) -> (Vec<u64>, Utf8) {
        (self.bits, self.dictionary.finish())
    }
}
