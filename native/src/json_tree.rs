//! A JSON body as a small tree, for a body that has been refused: to say why, and where.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json_text::{Chars, Reader, Syntax};
use crate::numbers::Number;
use crate::plan::DEEPEST;

const FEW: usize = 16;

pub enum Value<'a> {
    Null,
    Boolean(bool),
    Number(Number<'a>),
    /// NaN or infinity, which are no JSON, and are refused with the field's name.
    NotFinite,
    String(Owned<'a>),
    Array(Vec<Value<'a>>),
    Object(Object<'a>),
}

pub struct Owned<'a> {
    bytes: Cow<'a, [u8]>,
    has_surrogate: bool,
}

/// `twice` is the index of the first key to come a second time.
pub struct Object<'a> {
    pub entries: Vec<(Owned<'a>, Value<'a>)>,
    pub twice: Option<usize>,
}

impl Owned<'_> {
    pub fn chars(&self) -> Chars<'_> {
        Chars {
            bytes: &self.bytes,
            has_surrogate: self.has_surrogate,
        }
    }
}

impl Value<'_> {
    /// What a rejection calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "a boolean",
            Value::Number(_) | Value::NotFinite => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

/// Parse a whole body.
pub fn parse(body: &[u8]) -> Result<Value<'_>, Syntax> {
    let mut reader = Reader::new(body);
    reader.skip_space();
    let value = parse_value(&mut reader, 0)?;
    reader.skip_space();
    if reader.at < body.len() {
        Err(Syntax::Bad(reader.at))
    } else {
        Ok(value)
    }
}

fn parse_value<'a>(reader: &mut Reader<'a>, depth: usize) -> Result<Value<'a>, Syntax> {
    let Some(first) = reader.peek() else {
        return Err(Syntax::Bad(reader.at));
    };
    let value = match first {
        b'"' => return parse_string(reader).map(Value::String),
        b'{' | b'[' if depth == DEEPEST => return Err(Syntax::TooDeep),
        b'{' => return parse_object(reader, depth + 1),
        b'[' => return parse_array(reader, depth + 1),
        b'n' if reader.eat_word(b"null") => Some(Value::Null),
        b't' if reader.eat_word(b"true") => Some(Value::Boolean(true)),
        b'f' if reader.eat_word(b"false") => Some(Value::Boolean(false)),
        b'N' if reader.eat_word(b"NaN") => Some(Value::NotFinite),
        b'I' if reader.eat_word(b"Infinity") => Some(Value::NotFinite),
        b'-' if reader.eat_word(b"-Infinity") => Some(Value::NotFinite),
        _ => reader.number().map(Value::Number),
    };
    value.ok_or(Syntax::Bad(reader.at))
}

fn parse_string<'a>(reader: &mut Reader<'a>) -> Result<Owned<'a>, Syntax> {
    let mut scratch = Vec::new();
    let (body, start) = (reader.body, reader.at + 1);
    let chars = reader.string(&mut scratch)?;
    let has_surrogate = chars.has_surrogate;
    let bytes = if scratch_used(&chars, body, start) {
        Cow::Owned(chars.bytes.to_vec())
    } else {
        Cow::Borrowed(&body[start..start + chars.bytes.len()])
    };
    Ok(Owned {
        bytes,
        has_surrogate,
    })
}

/// Whether the string is not what stands in the body.
fn scratch_used(chars: &Chars<'_>, body: &[u8], start: usize) -> bool {
    body.get(start..start + chars.bytes.len()) != Some(chars.bytes)
}

fn parse_array<'a>(reader: &mut Reader<'a>, depth: usize) -> Result<Value<'a>, Syntax> {
    let mut items = Vec::new();
    reader.at += 1;
    reader.skip_space();
    if reader.eat(b']') {
        return Ok(Value::Array(items));
    }
    loop {
        items.push(parse_value(reader, depth)?);
        if !goes_on(reader, b']')? {
            return Ok(Value::Array(items));
        }
    }
}

fn parse_object<'a>(reader: &mut Reader<'a>, depth: usize) -> Result<Value<'a>, Syntax> {
    let mut entries = Vec::new();
    reader.at += 1;
    reader.skip_space();
    if !reader.eat(b'}') {
        loop {
            if reader.peek() != Some(b'"') {
                return Err(Syntax::Bad(reader.at));
            }
            let key = parse_string(reader)?;
            reader.skip_space();
            if !reader.eat(b':') {
                return Err(Syntax::Bad(reader.at));
            }
            reader.skip_space();
            entries.push((key, parse_value(reader, depth)?));
            if !goes_on(reader, b'}')? {
                break;
            }
        }
    }
    let twice = find_twice(&entries);
    Ok(Value::Object(Object { entries, twice }))
}

/// Whether a comma follows, and so another item; else the end does.
fn goes_on(reader: &mut Reader<'_>, end: u8) -> Result<bool, Syntax> {
    reader.skip_space();
    if reader.eat(end) {
        return Ok(false);
    }
    if !reader.eat(b',') {
        return Err(Syntax::Bad(reader.at));
    }
    reader.skip_space();
    Ok(true)
}

fn find_twice(entries: &[(Owned<'_>, Value<'_>)]) -> Option<usize> {
    if entries.len() <= FEW {
        let is_earlier = |&at: &usize| {
            entries[..at]
                .iter()
                .any(|e| e.0.bytes == entries[at].0.bytes)
        };
        return (1..entries.len()).find(is_earlier);
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().position(|(key, _)| !seen.insert(&key.bytes))
}
