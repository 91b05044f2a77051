//! One pass over a JSON body, straight to Avro: it accepts and writes the body, or it refuses, and
//! `json_check` finds the reason. Its accept is final; its refusal is not.

use crate::decimals;
use crate::json_scratch::{Place, Scratch, Span, has_twice};
use crate::json_text::{Chars, Reader};
use crate::numbers::Number;
use crate::plan::{Field, Record, Type, Union};
use crate::scalars::{
    put_base64, put_fixed, put_floating, put_integer, put_text, put_uuid, put_uuid_bytes,
};
use crate::times::{
    check_days, check_time, check_timestamp, parse_date, parse_time, parse_timestamp,
};
use crate::wire::{Items, put_bytes, put_long};

struct Stream<'a, 's> {
    reader: Reader<'a>,
    out: &'s mut Vec<u8>,
    scratch: &'s mut Scratch,
}

/// Append the record of a body; None if the body may break its contract, after a partial append.
pub fn put_body(
    body: &[u8],
    record: &Record,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Option<()> {
    scratch.places.clear();
    scratch.keys.clear();
    scratch.written_to = None;
    let mut stream = Stream { reader: Reader::new(body), out, scratch };
    stream.reader.skip_space();
    stream.record(record)?;
    stream.reader.skip_space();
    (stream.reader.at == body.len()).then_some(())
}

impl<'a> Stream<'a, '_> {
    fn value(&mut self, value_type: &Type) -> Option<()> {
        match value_type {
            Type::Text(rules) => self.text(|chars, out| put_text(chars, rules, out).ok()),
            Type::Integer(rules) => put_integer(&self.integer()?, rules, self.out).ok(),
            Type::Floating(rules) => {
                put_floating(self.reader.number()?.double(), rules, self.out).ok()
            }
            Type::Union(union) => self.union(union),
            Type::Timestamp(_) | Type::Date | Type::Time(_) => self.ticks(value_type),
            Type::Enum(symbols) => self.text(|chars, out| {
                put_long(symbols.find(chars.bytes)? as i64, out);
                Some(())
            }),
            Type::Uuid => self.text(|chars, out| put_uuid(chars, out).ok()),
            Type::Record(record) => self.record(record),
            Type::Array(items) => self.array(items),
            Type::Map(values) => self.map(values),
            Type::Boolean => self.boolean(),
            Type::Null => self.reader.eat_word(b"null").then_some(()),
            Type::Bytes => self.text(|chars, out| put_base64(chars, out).ok()),
            Type::Fixed(size) => self.text(|chars, out| put_fixed(chars, *size, out).ok()),
            Type::UuidBytes => self.text(|chars, out| put_uuid_bytes(chars.bytes, out).ok()),
            Type::Decimal(decimal) => match self.reader.peek()? {
                b'"' => self.text(|text, out| decimals::put_text(text.bytes, decimal, out).ok()),
                _ => decimals::put_number(self.reader.number()?.text, decimal, self.out).ok(),
            },
        }
    }

    /// Read a string, and write it with `put`.
    #[inline]
    fn text<T>(&mut self, put: impl FnOnce(Chars<'_>, &mut Vec<u8>) -> Option<T>) -> Option<T> {
        if self.reader.peek()? != b'"' {
            return None;
        }
        let chars = self.reader.string(&mut self.scratch.text).ok()?;
        put(chars, self.out)
    }

    #[inline]
    fn integer(&mut self) -> Option<Number<'a>> {
        self.reader.number().filter(|number| number.is_integer)
    }

    fn boolean(&mut self) -> Option<()> {
        let value = self.reader.eat_word(b"true");
        if !value && !self.reader.eat_word(b"false") {
            return None;
        }
        self.out.push(u8::from(value));
        Some(())
    }

    fn ticks(&mut self, value_type: &Type) -> Option<()> {
        let is_text = self.reader.peek()? == b'"';
        let ticks = match value_type {
            Type::Date if is_text => self.text(|text, _| parse_date(text.bytes).ok()),
            Type::Date => check_days(self.integer()?.long()).ok(),
            Type::Time(unit) if is_text => self.text(|text, _| parse_time(text.bytes, *unit).ok()),
            Type::Time(unit) => check_time(self.integer()?.long(), *unit).ok(),
            Type::Timestamp(rules) if is_text => {
                self.text(|text, _| parse_timestamp(text.bytes, rules).ok())
            }
            Type::Timestamp(rules) => check_timestamp(self.integer()?.long(), rules).ok(),
            _ => None,
        };
        put_long(ticks?, self.out);
        Some(())
    }

    fn union(&mut self, union: &Union) -> Option<()> {
        if let Some((null, other)) = union.beside_null {
            if self.reader.eat_word(b"null") {
                put_long(null as i64, self.out);
                return Some(());
            }
            put_long(other as i64, self.out);
            return self.value(&union.branches[other]);
        }
        let (at, written) = (self.reader.at, self.out.len());
        let (places, keys) = (self.scratch.places.len(), self.scratch.keys.len());
        for (index, branch) in union.branches.iter().enumerate() {
            put_long(index as i64, self.out);
            if self.value(branch).is_some() {
                return Some(());
            }
            self.reader.at = at;
            self.out.truncate(written);
            self.scratch.places.truncate(places);
            self.scratch.keys.truncate(keys);
        }
        None
    }

    fn array(&mut self, items: &Type) -> Option<()> {
        let block = Items::begin(self.out);
        let mut count = 0;
        if self.begins(b'[', b']')? {
            loop {
                self.value(items)?;
                count += 1;
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        block.end(count, self.out);
        Some(())
    }

    fn map(&mut self, values: &Type) -> Option<()> {
        let base = self.scratch.keys.len();
        let block = Items::begin(self.out);
        if self.begins(b'{', b'}')? {
            loop {
                let key = self.text(|chars, out| {
                    let start = out.len();
                    put_bytes(chars.bytes, out);
                    (!chars.has_surrogate).then_some(Span { start, end: out.len() })
                })?;
                self.scratch.keys.push(key);
                self.colon()?;
                self.value(values)?;
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        let keys = &mut self.scratch.keys[base..];
        let count = keys.len();
        if has_twice(keys, self.out) {
            return None;
        }
        self.scratch.keys.truncate(base);
        block.end(count, self.out);
        Some(())
    }

    /// Step into an object or an array; false if it is empty.
    #[inline]
    fn begins(&mut self, start: u8, end: u8) -> Option<bool> {
        if !self.reader.eat(start) {
            return None;
        }
        self.reader.skip_space();
        Some(!self.reader.eat(end))
    }

    /// Whether a comma and so another item follows; otherwise the end must follow.
    #[inline]
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        self.reader.skip_space();
        if self.reader.eat(b',') {
            self.reader.skip_space();
            return Some(true);
        }
        self.reader.eat(end).then_some(false)
    }

    #[inline]
    fn colon(&mut self) -> Option<()> {
        self.reader.skip_space();
        if !self.reader.eat(b':') {
            return None;
        }
        self.reader.skip_space();
        Some(())
    }

    /// Fields may come in any order and are written as they come. If this was not the contract's
    /// order, the record is put together again.
    fn record(&mut self, record: &Record) -> Option<()> {
        let (base, start) = (self.scratch.places.len(), self.out.len());
        self.scratch.places.resize(base + record.fields.len(), Place::Nothing);
        let (mut next, mut is_ordered, mut after) = (0, true, 0);
        if self.begins(b'{', b'}')? {
            loop {
                let index = self.key(record, after)?;
                after = index + 1;
                if index < next {
                    is_ordered = false;
                } else {
                    is_ordered &= self.put_defaults(&record.fields[next..index], base + next);
                    next = index + 1;
                }
                if matches!(self.scratch.places[base + index], Place::Value(_)) {
                    return None;
                }
                let start = self.out.len();
                self.value(&record.fields[index].value)?;
                let end = self.out.len();
                self.scratch.places[base + index] = Place::Value(Span { start, end });
                if base == 0 {
                    self.scratch.written_to = Some(self.reader.at);
                }
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        is_ordered &= self.put_defaults(&record.fields[next..], base + next);
        if !is_ordered {
            self.put_in_order(record, base, start)?;
        }
        self.scratch.places.truncate(base);
        Some(())
    }

    /// Read a key and its colon; returns the index of the field with that name.
    #[inline]
    fn key(&mut self, record: &Record, after: usize) -> Option<usize> {
        let expected = record.follower(after);
        let index = match record.fields.get(expected) {
            Some(field) if self.reader.eat_word(&field.quoted) => expected,
            _ => {
                let found = self.text(|chars, _| record.find(chars.bytes, after))?;
                record.learn_follower(after, found);
                found
            }
        };
        self.colon()?;
        Some(index)
    }

    /// Write the defaults of skipped fields; false if a field has none.
    #[inline]
    fn put_defaults(&mut self, fields: &[Field], first: usize) -> bool {
        for (index, field) in fields.iter().enumerate() {
            let Some(default) = &field.default else {
                return false;
            };
            let start = self.out.len();
            self.out.extend_from_slice(default);
            self.scratch.places[first + index] =
                Place::Default(Span { start, end: self.out.len() });
        }
        true
    }

    #[cold]
    fn put_in_order(&mut self, record: &Record, base: usize, start: usize) -> Option<()> {
        let ordered = &mut self.scratch.ordered;
        ordered.clear();
        for (index, field) in record.fields.iter().enumerate() {
            match self.scratch.places[base + index] {
                Place::Value(span) | Place::Default(span) => {
                    ordered.extend_from_slice(&self.out[span.start..span.end]);
                }
                Place::Nothing => ordered.extend_from_slice(field.default.as_ref()?),
            }
        }
        self.out.truncate(start);
        self.out.extend_from_slice(ordered);
        Some(())
    }
}
