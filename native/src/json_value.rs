//! What is on a tape: a JSON value, its parts, and its text decoded when it is asked for.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json_text::{Chars, Reader};
use crate::numbers::Number;

const FEW: usize = 16;

/// What a value is, and how its text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    True,
    False,
    Integer,
    Fraction,
    /// NaN or infinity, which are no JSON, and are refused with the field's name.
    NotFinite,
    String,
    /// A string that is not what stands in the body.
    Escaped,
    Array,
    Object,
}

/// A value: where its text is, without a string's quotes, and where the one behind it is on the
/// tape. What an array or an object holds follows it; an object's keys come before their values.
#[derive(Clone, Copy)]
pub struct Entry {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    pub next: u32,
}

/// A value on a tape.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    body: &'a [u8],
    entries: &'a [Entry],
    at: usize,
}

/// A string's characters.
pub struct Decoded<'a> {
    pub bytes: Cow<'a, [u8]>,
    has_surrogate: bool,
}

impl Decoded<'_> {
    pub fn chars(&self) -> Chars<'_> {
        Chars { bytes: &self.bytes, has_surrogate: self.has_surrogate }
    }
}

impl<'a> Value<'a> {
    /// The value that a tape begins with.
    pub fn first(body: &'a [u8], entries: &'a [Entry]) -> Value<'a> {
        Value { body, entries, at: 0 }
    }

    fn entry(&self) -> Entry {
        self.entries[self.at]
    }

    fn text(&self) -> &'a [u8] {
        &self.body[self.entry().start as usize..self.entry().end as usize]
    }

    pub fn kind(&self) -> Kind {
        self.entry().kind
    }

    /// What a rejection calls it.
    pub fn name(&self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::True | Kind::False => "a boolean",
            Kind::Integer | Kind::Fraction | Kind::NotFinite => "a number",
            Kind::String | Kind::Escaped => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }

    pub fn number(&self) -> Option<Number<'a>> {
        match self.kind() {
            Kind::Integer | Kind::Fraction => Number::read(self.text()),
            _ => None,
        }
    }

    pub fn integer(&self) -> Option<Number<'a>> {
        self.number().filter(|number| number.is_integer)
    }

    pub fn string(&self) -> Option<Decoded<'a>> {
        match self.kind() {
            Kind::String => {
                Some(Decoded { bytes: Cow::Borrowed(self.text()), has_surrogate: false })
            }
            Kind::Escaped => {
                let mut reader = Reader { body: self.body, at: self.entry().start as usize - 1 };
                let mut decoded = Vec::new();
                let has_surrogate = reader.string(&mut decoded).ok()?.has_surrogate;
                Some(Decoded { bytes: Cow::Owned(decoded), has_surrogate })
            }
            _ => None,
        }
    }

    /// An array's items; nothing for another value.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        let end = if self.kind() == Kind::Array { self.entry().next as usize } else { 0 };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let item = Value { at, ..self };
            (at < end).then(|| {
                at = item.entry().next as usize;
                item
            })
        })
    }

    /// An object's keys and values; nothing for another value.
    pub fn pairs(self) -> impl Iterator<Item = (Decoded<'a>, Value<'a>)> {
        let end = if self.kind() == Kind::Object { self.entry().next as usize } else { 0 };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let (key, value) = (Value { at, ..self }, Value { at: at + 1, ..self });
            at = value.entry().next as usize;
            Some((key.string()?, value))
        })
    }

    /// The first of an object's keys to come a second time.
    pub fn find_twice(self) -> Option<Cow<'a, [u8]>> {
        let mut keys: Vec<Cow<'a, [u8]>> = self.pairs().map(|(key, _)| key.bytes).collect();
        let mut seen = HashSet::new();
        let at = if keys.len() <= FEW {
            (1..keys.len()).find(|&at| keys[..at].contains(&keys[at]))
        } else {
            keys.iter().position(|key| !seen.insert(key))
        };
        at.map(|at| keys.swap_remove(at))
    }
}
