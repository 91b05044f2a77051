//! A value on a tape: its kind, its parts, and its text, which is decoded only when needed.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json_text::{Chars, Reader};
use crate::numbers::Number;

const FEW: usize = 16;

/// The kind of a value, and how its text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    True,
    False,
    Integer,
    Fraction,
    /// NaN or infinity: not JSON, but refused with the field's name.
    NotFinite,
    String,
    /// A string with escapes, whose text differs from the body's bytes.
    Escaped,
    Array,
    Object,
}

/// A value: the place of its text, without a string's quotes, and the place of the next value on
/// the tape. An array's or object's content follows it; a key precedes its value.
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
    /// The first value of a tape.
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

    /// Its name in a rejection.
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

    /// An array's items; empty for any other value.
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

    /// An object's keys and values; empty for any other value.
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

    /// The first key of an object that repeats an earlier one.
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
