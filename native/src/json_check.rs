//! Hold a parsed JSON body against a contract, in the reference's order: to say what is wrong first.

use crate::decimals;
use crate::fault::{Checked, Detail, Fault, Reason, Step, TWICE, refuse, wrong_type};
use crate::json_tree::{Object, Value};
use crate::plan::{Field, Record, Type, Union};
use crate::scalars::{
    check_utf8, put_base64, put_fixed, put_floating, put_integer, put_text, put_uuid,
    put_uuid_bytes,
};
use crate::times::{
    check_days, check_time, check_timestamp, parse_date, parse_time, parse_timestamp,
};
use crate::wire::{Items, put_bytes, put_long};

/// Writes what it checks; `steps` lead up from the value at fault.
pub struct Checker<'w, 'o> {
    pub steps: Vec<Step<'w>>,
    pub out: &'o mut Vec<u8>,
}

impl<'w> Checker<'w, '_> {
    pub fn check(&mut self, value: &'w Value<'w>, value_type: &'w Type) -> Checked<'w> {
        match value_type {
            Type::Record(record) => self.record(value, record),
            Type::Array(items) => self.array(value, items),
            Type::Map(values) => self.map(value, values),
            Type::Union(union) => self.union(value, union),
            _ => put_scalar(value, value_type, self.out),
        }
    }

    /// Check a part, and name the step to it if it is at fault.
    fn check_at(&mut self, step: Step<'w>, value: &'w Value<'w>, part: &'w Type) -> Checked<'w> {
        let checked = self.check(value, part);
        if checked.is_err() {
            self.steps.push(step);
        }
        checked
    }

    fn refuse_at(&mut self, step: Step<'w>, reason: Reason, detail: &'static str) -> Checked<'w> {
        self.steps.push(step);
        refuse(reason, detail)
    }

    fn record(&mut self, value: &'w Value<'w>, record: &'w Record) -> Checked<'w> {
        let Value::Object(object) = value else {
            return wrong_type("an object", value.name());
        };
        if let Some(at) = object.twice {
            let step = Step::Field(object.entries[at].0.chars().bytes);
            return self.refuse_at(step, Reason::DuplicateKey, TWICE);
        }
        let mut places = vec![Place::Missing; record.fields.len()];
        let mut expected = 0;
        for (at, (key, _)) in object.entries.iter().enumerate() {
            let name = key.chars().bytes;
            let Some(index) = record.find(name, expected) else {
                let detail = "the contract has no such field";
                return self.refuse_at(Step::Field(name), Reason::UnknownField, detail);
            };
            expected = index + 1;
            places[index] = match places[index] {
                Place::Missing => Place::Entry(at),
                _ => Place::Several,
            };
        }
        record
            .fields
            .iter()
            .zip(places)
            .try_for_each(|(field, place)| self.field(object, field, place))
    }

    fn field(&mut self, object: &'w Object<'w>, field: &'w Field, place: Place) -> Checked<'w> {
        match (place, &field.default) {
            (Place::Entry(at), _) => {
                let (key, value) = &object.entries[at];
                self.check_at(Step::Field(key.chars().bytes), value, &field.value)
            }
            (Place::Missing, Some(default)) => {
                self.out.extend_from_slice(default);
                Ok(())
            }
            (Place::Missing, None) => {
                let detail = "the field is missing and has no default";
                let step = Step::Field(field.name().as_bytes());
                self.refuse_at(step, Reason::MissingField, detail)
            }
            (Place::Several, _) => {
                let stands = |name: &&String| {
                    object
                        .entries
                        .iter()
                        .any(|(key, _)| key.chars().bytes == name.as_bytes())
                };
                let first = field.names.iter().find(stands).unwrap_or(&field.names[0]);
                let last = field.names.iter().rev().find(stands).unwrap_or(first);
                self.steps.push(Step::Field(last.as_bytes()));
                let detail = Detail::Other("another name of ", first, ", which stands there too");
                Err(Fault {
                    reason: Reason::DuplicateKey,
                    detail,
                })
            }
        }
    }

    fn array(&mut self, value: &'w Value<'w>, part: &'w Type) -> Checked<'w> {
        let Value::Array(items) = value else {
            return wrong_type("an array", value.name());
        };
        let block = Items::begin(self.out);
        for (index, item) in items.iter().enumerate() {
            self.check_at(Step::Index(index), item, part)?;
        }
        block.end(items.len(), self.out);
        Ok(())
    }

    fn map(&mut self, value: &'w Value<'w>, part: &'w Type) -> Checked<'w> {
        let Value::Object(object) = value else {
            return wrong_type("an object", value.name());
        };
        if let Some(at) = object.twice {
            let step = Step::Key(object.entries[at].0.chars().bytes);
            return self.refuse_at(step, Reason::DuplicateKey, TWICE);
        }
        let block = Items::begin(self.out);
        for (key, item) in &object.entries {
            let chars = key.chars();
            if let Err(fault) = check_utf8(chars) {
                self.steps.push(Step::Key(chars.bytes));
                return Err(fault);
            }
            put_bytes(chars.bytes, self.out);
            self.check_at(Step::Key(chars.bytes), item, part)?;
        }
        block.end(object.entries.len(), self.out);
        Ok(())
    }

    fn union(&mut self, value: &'w Value<'w>, union: &'w Union) -> Checked<'w> {
        if let Some((null, other)) = union.beside_null {
            if matches!(value, Value::Null) {
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
        Err(Fault {
            reason: Reason::WrongType,
            detail,
        })
    }
}

/// Where a record's field stands: under several of its names is a fault.
#[derive(Clone, Copy)]
enum Place {
    Missing,
    Entry(usize),
    Several,
}

fn put_scalar<'w>(value: &Value<'_>, value_type: &'w Type, out: &mut Vec<u8>) -> Checked<'w> {
    match (value_type, value) {
        (Type::Null, Value::Null) => Ok(()),
        (Type::Null, _) => wrong_type("null", value.name()),
        (Type::Boolean, Value::Boolean(value)) => {
            out.push(u8::from(*value));
            Ok(())
        }
        (Type::Boolean, _) => wrong_type("a boolean", value.name()),
        (Type::Integer(rules), Value::Number(number)) if number.is_integer => {
            put_integer(number, rules, out)
        }
        (Type::Integer(_), _) => wrong_type("an integer", value.name()),
        (Type::Floating(rules), Value::Number(number)) => put_floating(number.double(), rules, out),
        (Type::Floating(rules), Value::NotFinite) => put_floating(f64::NAN, rules, out),
        (Type::Floating(_), _) => wrong_type("a number", value.name()),
        (Type::Decimal(decimal), Value::Number(number)) => {
            decimals::put_number(number.text, decimal, out)
        }
        (Type::Decimal(_), Value::NotFinite) => refuse(Reason::NotFinite, "NaN or infinity"),
        (Type::Decimal(decimal), Value::String(text)) => {
            decimals::put_text(text.chars().bytes, decimal, out)
        }
        (Type::Decimal(_), _) => wrong_type("a number, or its text", value.name()),
        (Type::Text(rules), Value::String(text)) => put_text(text.chars(), rules, out),
        (Type::Uuid, Value::String(text)) => put_uuid(text.chars(), out),
        (Type::Enum(symbols), Value::String(text)) => match symbols.find(text.chars().bytes) {
            Some(index) => {
                put_long(index as i64, out);
                Ok(())
            }
            None => {
                let detail = Detail::Of("not one of ", &symbols.listed);
                Err(Fault {
                    reason: Reason::UnknownSymbol,
                    detail,
                })
            }
        },
        (Type::Text(_) | Type::Uuid | Type::Enum(_), _) => wrong_type("a string", value.name()),
        (Type::Bytes, Value::String(text)) => put_base64(text.chars(), out),
        (Type::Fixed(size), Value::String(text)) => put_fixed(text.chars(), *size, out),
        (Type::UuidBytes, Value::String(text)) => put_uuid_bytes(text.chars().bytes, out),
        (Type::Bytes | Type::Fixed(_) | Type::UuidBytes, _) => {
            wrong_type("a string of base64", value.name())
        }
        _ => {
            put_long(count_ticks(value, value_type)?, out);
            Ok(())
        }
    }
}

/// A date or a time, as text or as its number.
fn count_ticks<'w>(value: &Value<'_>, value_type: &'w Type) -> Checked<'w, i64> {
    match (value_type, value) {
        (Type::Date, Value::Number(number)) if number.is_integer => check_days(number.long()),
        (Type::Date, Value::String(text)) => parse_date(text.chars().bytes),
        (Type::Time(unit), Value::Number(number)) if number.is_integer => {
            check_time(number.long(), *unit)
        }
        (Type::Time(unit), Value::String(text)) => parse_time(text.chars().bytes, *unit),
        (Type::Timestamp(rules), Value::Number(number)) if number.is_integer => {
            check_timestamp(number.long(), rules)
        }
        (Type::Timestamp(rules), Value::String(text)) => parse_timestamp(text.chars().bytes, rules),
        _ => wrong_type("ISO 8601 or an integer", value.name()),
    }
}
