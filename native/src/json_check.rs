//! Check a parsed JSON body against a contract, in the reference's order, to find the first fault.

use crate::decimals;
use crate::fault::{Checked, Detail, Fault, Reason, Step, TWICE, refuse, wrong_type};
use crate::json_value::{Decoded, Kind, Value};
use crate::plan::{Decimal, Enum, Field, Record, Type, Union};
use crate::scalars::{
    check_utf8, put_base64, put_fixed, put_floating, put_integer, put_text, put_uuid,
    put_uuid_bytes,
};
use crate::times::{
    check_days, check_time, check_timestamp, parse_date, parse_time, parse_timestamp,
};
use crate::wire::{Items, put_bytes, put_long};

const TEXT: &str = "a string";
const BASE64: &str = "a string of base64";

/// Writes what it checks; `steps` lead up from the value at fault.
pub struct Checker<'w, 'o> {
    pub steps: Vec<Step<'w>>,
    pub out: &'o mut Vec<u8>,
}

impl<'w> Checker<'w, '_> {
    pub fn check(&mut self, value: Value<'w>, value_type: &'w Type) -> Checked<'w> {
        match value_type {
            Type::Record(record) => self.record(value, record),
            Type::Array(items) => self.array(value, items),
            Type::Map(values) => self.map(value, values),
            Type::Union(union) => self.union(value, union),
            Type::Null if value.kind() == Kind::Null => Ok(()),
            Type::Null => wrong_type("null", value.name()),
            Type::Boolean => put_boolean(value, self.out),
            Type::Integer(rules) => match value.integer() {
                Some(number) => put_integer(&number, rules, self.out),
                None => wrong_type("an integer", value.name()),
            },
            Type::Floating(rules) => match (value.number(), value.kind()) {
                (Some(number), _) => put_floating(number.double(), rules, self.out),
                (None, Kind::NotFinite) => put_floating(f64::NAN, rules, self.out),
                _ => wrong_type("a number", value.name()),
            },
            Type::Decimal(decimal) => put_decimal(value, decimal, self.out),
            Type::Date | Type::Time(_) | Type::Timestamp(_) => {
                put_long(count_ticks(value, value_type)?, self.out);
                Ok(())
            }
            Type::Text(rules) => put_text(string(value, TEXT)?.chars(), rules, self.out),
            Type::Uuid => put_uuid(string(value, TEXT)?.chars(), self.out),
            Type::Enum(symbols) => put_symbol(&string(value, TEXT)?.bytes, symbols, self.out),
            Type::Bytes => put_base64(string(value, BASE64)?.chars(), self.out),
            Type::Fixed(size) => put_fixed(string(value, BASE64)?.chars(), *size, self.out),
            Type::UuidBytes => put_uuid_bytes(&string(value, BASE64)?.bytes, self.out),
        }
    }

    /// Check a part; if it is at fault, add the step to it.
    fn check_at(
        &mut self,
        step: impl FnOnce() -> Step<'w>,
        value: Value<'w>,
        part: &'w Type,
    ) -> Checked<'w> {
        let checked = self.check(value, part);
        if checked.is_err() {
            self.steps.push(step());
        }
        checked
    }

    fn refuse_at(&mut self, step: Step<'w>, reason: Reason, detail: &'static str) -> Checked<'w> {
        self.steps.push(step);
        refuse(reason, detail)
    }

    fn record(&mut self, value: Value<'w>, record: &'w Record) -> Checked<'w> {
        if value.kind() != Kind::Object {
            return wrong_type("an object", value.name());
        }
        let Some(places) = find_places(value, record) else {
            return self.refuse_keys(value, record);
        };
        let mut parts = record.fields.iter().zip(places);
        parts.try_for_each(|(field, place)| self.field(value, field, place))
    }

    /// The fault in the rest of a record's object, some of whose fields are known to be valid. Also
    /// None if the rest alone cannot decide: a repeated key would have to be reported first.
    pub fn rest(
        &mut self,
        rest: Value<'w>,
        record: &'w Record,
        is_sound: impl Fn(usize) -> bool,
    ) -> Option<Fault<'w>> {
        let places = find_places(rest, record)?;
        let comes_again = |(index, place)| is_sound(index) && !matches!(place, &Place::Missing);
        if places.iter().enumerate().any(comes_again) {
            return None;
        }
        let parts = record.fields.iter().zip(places).enumerate();
        let mut unknown = parts.filter(|(index, _)| !is_sound(*index));
        unknown.find_map(|(_, (field, place))| self.field(rest, field, place).err())
    }

    /// Refuse an object for its keys: first for a duplicate key, then for an unknown one.
    fn refuse_keys(&mut self, object: Value<'w>, record: &'w Record) -> Checked<'w> {
        if let Some(key) = object.find_twice() {
            return self.refuse_at(Step::Field(key), Reason::DuplicateKey, TWICE);
        }
        let mut keys = object.pairs().map(|(key, _)| key.bytes);
        let unknown = keys.find(|key| record.find(key, 0).is_none());
        let step = Step::Field(unknown.unwrap_or_default());
        self.refuse_at(step, Reason::UnknownField, "the contract has no such field")
    }

    fn field(&mut self, object: Value<'w>, field: &'w Field, place: Place<'w>) -> Checked<'w> {
        match (place, &field.default) {
            (Place::Part(name, value), _) => {
                self.check_at(|| Step::field(&field.names[name]), value, &field.value)
            }
            (Place::Missing, Some(default)) => {
                self.out.extend_from_slice(default);
                Ok(())
            }
            (Place::Missing, None) => {
                let detail = "the field is missing and has no default";
                self.refuse_at(Step::field(field.name()), Reason::MissingField, detail)
            }
            (Place::Several, _) => {
                let stands =
                    |name: &&String| object.pairs().any(|(key, _)| *key.bytes == *name.as_bytes());
                let first = field.names.iter().find(stands).unwrap_or(&field.names[0]);
                let last = field.names.iter().rev().find(stands).unwrap_or(first);
                self.steps.push(Step::field(last));
                let detail = Detail::Other("another name of ", first, ", which stands there too");
                Err(Fault { reason: Reason::DuplicateKey, detail })
            }
        }
    }

    fn array(&mut self, value: Value<'w>, part: &'w Type) -> Checked<'w> {
        if value.kind() != Kind::Array {
            return wrong_type("an array", value.name());
        }
        let block = Items::begin(self.out);
        let mut count = 0;
        for item in value.items() {
            self.check_at(|| Step::Index(count), item, part)?;
            count += 1;
        }
        block.end(count, self.out);
        Ok(())
    }

    fn map(&mut self, value: Value<'w>, part: &'w Type) -> Checked<'w> {
        if value.kind() != Kind::Object {
            return wrong_type("an object", value.name());
        }
        if let Some(key) = value.find_twice() {
            return self.refuse_at(Step::Key(key), Reason::DuplicateKey, TWICE);
        }
        let block = Items::begin(self.out);
        let mut count = 0;
        for (key, item) in value.pairs() {
            if let Err(fault) = check_utf8(key.chars()) {
                self.steps.push(Step::Key(key.bytes));
                return Err(fault);
            }
            put_bytes(&key.bytes, self.out);
            self.check_at(|| Step::Key(key.bytes), item, part)?;
            count += 1;
        }
        block.end(count, self.out);
        Ok(())
    }

    fn union(&mut self, value: Value<'w>, union: &'w Union) -> Checked<'w> {
        if let Some((null, other)) = union.beside_null {
            if value.kind() == Kind::Null {
                put_long(null as i64, self.out);
                return Ok(());
            }
            put_long(other as i64, self.out);
            return self.check(value, &union.branches[other]);
        }
        let (written, known) = (self.out.len(), self.steps.len());
        for (index, branch) in union.branches.iter().enumerate() {
            put_long(index as i64, self.out);
            if self.check(value, branch).is_ok() {
                return Ok(());
            }
            self.out.truncate(written);
            self.steps.truncate(known);
        }
        let detail = Detail::Of("fits none of ", &union.listed);
        Err(Fault { reason: Reason::WrongType, detail })
    }
}

/// Where a record's field is, and by which of its names; it is a fault to use several names.
#[derive(Clone, Copy)]
enum Place<'w> {
    Missing,
    Part(usize, Value<'w>),
    Several,
}

/// Where each field is; None if a key is duplicate or unknown.
fn find_places<'w>(object: Value<'w>, record: &Record) -> Option<Vec<Place<'w>>> {
    let mut places = vec![Place::Missing; record.fields.len()];
    let mut expected = 0;
    for (key, value) in object.pairs() {
        let index = record.find(&key.bytes, expected)?;
        expected = index + 1;
        places[index] = match places[index] {
            Place::Missing => {
                let mut names = record.fields[index].names.iter();
                Place::Part(names.position(|name| *name.as_bytes() == *key.bytes)?, value)
            }
            _ if object.find_twice().is_none() => Place::Several,
            _ => return None,
        };
    }
    Some(places)
}

fn string<'w, 'v>(value: Value<'v>, expected: &'static str) -> Checked<'w, Decoded<'v>> {
    match value.string() {
        Some(text) => Ok(text),
        None => wrong_type(expected, value.name()),
    }
}

fn put_boolean<'w>(value: Value<'_>, out: &mut Vec<u8>) -> Checked<'w> {
    match value.kind() {
        kind @ (Kind::True | Kind::False) => {
            out.push(u8::from(kind == Kind::True));
            Ok(())
        }
        _ => wrong_type("a boolean", value.name()),
    }
}

fn put_decimal<'w>(value: Value<'_>, decimal: &'w Decimal, out: &mut Vec<u8>) -> Checked<'w> {
    match (value.number(), value.string()) {
        (Some(number), _) => decimals::put_number(number.text, decimal, out),
        (_, Some(text)) => decimals::put_text(&text.bytes, decimal, out),
        _ if value.kind() == Kind::NotFinite => refuse(Reason::NotFinite, "NaN or infinity"),
        _ => wrong_type("a number, or its text", value.name()),
    }
}

fn put_symbol<'w>(text: &[u8], symbols: &'w Enum, out: &mut Vec<u8>) -> Checked<'w> {
    let Some(index) = symbols.find(text) else {
        let detail = Detail::Of("not one of ", &symbols.listed);
        return Err(Fault { reason: Reason::UnknownSymbol, detail });
    };
    put_long(index as i64, out);
    Ok(())
}

/// Read a date or a time, from its text or its number.
fn count_ticks<'w>(value: Value<'_>, value_type: &'w Type) -> Checked<'w, i64> {
    let text = value.string();
    match (value_type, value.integer(), &text) {
        (Type::Date, Some(number), _) => check_days(number.long()),
        (Type::Date, _, Some(text)) => parse_date(&text.bytes),
        (Type::Time(unit), Some(number), _) => check_time(number.long(), *unit),
        (Type::Time(unit), _, Some(text)) => parse_time(&text.bytes, *unit),
        (Type::Timestamp(rules), Some(number), _) => check_timestamp(number.long(), rules),
        (Type::Timestamp(rules), _, Some(text)) => parse_timestamp(&text.bytes, rules),
        _ => wrong_type("ISO 8601 or an integer", value.name()),
    }
}
