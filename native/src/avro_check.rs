//! Check an Avro body against a contract: is it valid, and is it in the form that a writer writes?

use std::collections::HashSet;

use crate::avro_structure::{BRANCH, Cursor, SYMBOL, Walk};
use crate::decimals;
use crate::fault::{Checked, Fault, Reason, Rejection, Step, TWICE, refuse};
use crate::plan::{Type, Union};
use crate::scalars::{UUID_BYTES, check_floating, check_integer, check_text, check_uuid};
use crate::times::{check_days, check_time, check_timestamp};
use crate::wire::{Items, put_bytes, put_long};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Canonical,
    Other,
}

/// The form of a body that keeps its contract; None for a body that may break it.
pub fn check_body(plan: &Type, body: &[u8]) -> Option<Form> {
    let mut nothing = Vec::new();
    let mut checker = Checker::<false>::new(body, &mut nothing);
    checker.check(plan).ok()?;
    if checker.cursor.remaining() > 0 {
        return None;
    }
    Some(if checker.cursor.is_canonical { Form::Canonical } else { Form::Other })
}

/// Write a well-formed body in a writer's form, or reject it.
#[cold]
pub fn put_body(plan: &Type, body: &[u8], out: &mut Vec<u8>) -> Result<(), Rejection> {
    let mut checker = Checker::<true>::new(body, out);
    checker.check(plan).map_err(|fault| fault.rejection(&checker.steps))
}

/// Without WRITES it only finds whether a body is valid; with it, it finds the reference's first
/// fault.
struct Checker<'a, 'o, const WRITES: bool> {
    cursor: Cursor<'a>,
    steps: Vec<Step<'a>>,
    keys: Vec<&'a [u8]>,
    out: &'o mut Vec<u8>,
}

impl<'a, 'o, const WRITES: bool> Checker<'a, 'o, WRITES> {
    fn new(body: &'a [u8], out: &'o mut Vec<u8>) -> Self {
        Checker { cursor: Cursor::new(body), steps: Vec::new(), keys: Vec::new(), out }
    }

    fn check(&mut self, value_type: &'a Type) -> Checked<'a> {
        match value_type {
            Type::Null => {}
            Type::Boolean => {
                let byte = self.cursor.boolean()?;
                self.put(&[byte]);
            }
            Type::Integer(rules) => {
                let value = self.cursor.long()?;
                self.put_long(check_integer(Some(value), rules)?);
            }
            Type::Floating(rules) if rules.is_single => {
                let bytes = self.cursor.array()?;
                check_floating(f64::from(f32::from_le_bytes(bytes)), rules)?;
                self.put(&bytes);
            }
            Type::Floating(rules) => {
                let bytes = self.cursor.array()?;
                check_floating(f64::from_le_bytes(bytes), rules)?;
                self.put(&bytes);
            }
            Type::Text(rules) => {
                let text = self.cursor.text()?;
                check_text(text, rules)?;
                self.put_bytes(text);
            }
            Type::Uuid => {
                let text = self.cursor.text()?;
                check_uuid(text)?;
                self.put_bytes(text);
            }
            Type::Bytes => {
                let bytes = self.cursor.bytes()?;
                self.put_bytes(bytes);
            }
            Type::Fixed(size) => {
                let bytes = self.cursor.take(*size as i64)?;
                self.put(bytes);
            }
            Type::UuidBytes => {
                let bytes = self.cursor.take(UUID_BYTES as i64)?;
                self.put(bytes);
            }
            Type::Decimal(decimal) => match decimal.size {
                Some(size) => {
                    let bytes = self.cursor.take(size as i64)?;
                    decimals::check_bytes(bytes, decimal)?;
                    self.put(bytes);
                }
                None => {
                    let bytes = self.cursor.bytes()?;
                    decimals::check_bytes(bytes, decimal)?;
                    self.put_bytes(bytes);
                }
            },
            Type::Date => {
                let days = self.cursor.long()?;
                self.put_long(check_days(Some(days))?);
            }
            Type::Time(unit) => {
                let ticks = self.cursor.long()?;
                self.put_long(check_time(Some(ticks), *unit)?);
            }
            Type::Timestamp(rules) => {
                let ticks = self.cursor.long()?;
                self.put_long(check_timestamp(Some(ticks), rules)?);
            }
            Type::Enum(symbols) => {
                let index = self.cursor.index(symbols.count(), SYMBOL)?;
                self.put_long(index as i64);
            }
            Type::Union(union) => return self.union(union),
            Type::Record(record) => {
                for field in &record.fields {
                    self.check_at(Step::field(field.name()), &field.value)?;
                }
            }
            Type::Array(items) => return self.array(items),
            Type::Map(values) => return self.map(values),
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        if WRITES {
            self.out.extend_from_slice(bytes);
        }
    }

    #[inline]
    fn put_bytes(&mut self, bytes: &[u8]) {
        if WRITES {
            put_bytes(bytes, self.out);
        }
    }

    #[inline]
    fn put_long(&mut self, value: i64) {
        if WRITES {
            put_long(value, self.out);
        }
    }

    #[inline]
    fn check_at(&mut self, step: Step<'a>, part: &'a Type) -> Checked<'a> {
        let checked = self.check(part);
        if checked.is_err() {
            self.steps.push(step);
        }
        checked
    }

    fn union(&mut self, union: &'a Union) -> Checked<'a> {
        let index = self.cursor.index(union.branches.len(), BRANCH)?;
        self.put_long(index as i64);
        self.check(&union.branches[index])
    }

    fn array(&mut self, items: &'a Type) -> Checked<'a> {
        let block = WRITES.then(|| Items::begin(self.out));
        let mut index = 0;
        loop {
            let count = self.cursor.block(index)?;
            if count == 0 {
                break;
            }
            for at in index..index + count {
                self.check_at(Step::Index(at), items)?;
            }
            index += count;
        }
        if let Some(block) = block {
            block.end(index, self.out);
        }
        Ok(())
    }

    fn map(&mut self, values: &'a Type) -> Checked<'a> {
        if WRITES && let Some(key) = self.find_twice(values)? {
            self.steps.push(Step::Key(key.into()));
            return refuse(Reason::DuplicateKey, TWICE);
        }
        let block = WRITES.then(|| Items::begin(self.out));
        let base = self.keys.len();
        let mut index = 0;
        loop {
            let count = self.cursor.block(index)?;
            if count == 0 {
                break;
            }
            for _ in 0..count {
                let key = self.cursor.text()?;
                self.keys.push(key);
                self.put_bytes(key);
                self.check_at(Step::Key(key.into()), values)?;
            }
            index += count;
        }
        if has_twice(&mut self.keys[base..]) {
            return refuse(Reason::DuplicateKey, TWICE);
        }
        self.keys.truncate(base);
        if let Some(block) = block {
            block.end(index, self.out);
        }
        Ok(())
    }

    /// The first key of the next map that repeats an earlier one.
    fn find_twice(&self, values: &'a Type) -> Result<Option<&'a [u8]>, Fault<'a>> {
        let mut walk = Walk { cursor: self.cursor.clone(), steps: Vec::new() };
        let mut seen = HashSet::new();
        let mut twice = None;
        walk.skip_map(values, |key| {
            if !seen.insert(key) && twice.is_none() {
                twice = Some(key);
            }
        })?;
        Ok(twice)
    }
}

fn has_twice(keys: &mut [&[u8]]) -> bool {
    if keys.len() > 8 {
        keys.sort_unstable();
        return keys.windows(2).any(|pair| pair[0] == pair[1]);
    }
    (1..keys.len()).any(|at| keys[..at].contains(&keys[at]))
}
