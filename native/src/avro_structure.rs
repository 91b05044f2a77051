//! The structure of an Avro body (Avro 1.11, Binary Encoding), read strictly.

use crate::fault::{Checked, Detail, Fault, Reason, Rejection, Step};
use crate::plan::Type;
use crate::scalars::UUID_BYTES;

const LONGEST_VARINT: usize = 10;
const MOST_ITEMS: u64 = 1 << 20;

/// Reads a body; `is_canonical` is whether a writer would write the same bytes so far.
#[derive(Clone)]
pub struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
    pub is_canonical: bool,
}

impl<'a> Cursor<'a> {
    pub fn new(body: &'a [u8]) -> Cursor<'a> {
        Cursor { body, at: 0, is_canonical: true }
    }

    #[inline]
    pub fn remaining(&self) -> usize {
        self.body.len() - self.at
    }

    #[inline]
    pub fn take<'p>(&mut self, count: i64) -> Checked<'p, &'a [u8]> {
        let remaining = self.remaining();
        match usize::try_from(count) {
            Ok(length) if length <= remaining => {
                let taken = &self.body[self.at..self.at + length];
                self.at += length;
                Ok(taken)
            }
            _ => {
                let detail =
                    Detail::Counts("", count, " bytes wanted, ", remaining as i64, " left");
                Err(Fault { reason: Reason::AvroTruncated, detail })
            }
        }
    }

    #[inline]
    pub fn array<'p, const SIZE: usize>(&mut self) -> Checked<'p, [u8; SIZE]> {
        let taken = self.take(SIZE as i64)?;
        Ok(taken.try_into().unwrap_or([0; SIZE]))
    }

    #[inline]
    pub fn long<'p>(&mut self) -> Checked<'p, i64> {
        if let Some(byte @ 0..=0x7f) = self.body.get(self.at) {
            self.at += 1;
            return Ok(decode_zigzag(u64::from(*byte)));
        }
        self.longer()
    }

    fn longer<'p>(&mut self) -> Checked<'p, i64> {
        let mut bits = 0u64;
        for index in 0..LONGEST_VARINT {
            let [byte] = self.array()?;
            let is_last = index == LONGEST_VARINT - 1;
            if is_last && byte > 1 {
                break;
            }
            bits |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.is_canonical &= byte != 0;
                return Ok(decode_zigzag(bits));
            }
        }
        malformed(Detail::Plain("an integer is longer than 64 bits"))
    }

    #[inline]
    pub fn count<'p>(&mut self) -> Checked<'p, i64> {
        let count = self.long()?;
        if count < 0 {
            malformed(Detail::Count("a negative length, ", count, ""))
        } else {
            Ok(count)
        }
    }

    #[inline]
    pub fn bytes<'p>(&mut self) -> Checked<'p, &'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    #[inline]
    pub fn text<'p>(&mut self) -> Checked<'p, &'a [u8]> {
        let text = self.bytes()?;
        match std::str::from_utf8(text) {
            Ok(_) => Ok(text),
            Err(error) => {
                let at = error.valid_up_to() as i64;
                let detail = Detail::Count("byte ", at, " of the string is not UTF-8");
                Err(Fault { reason: Reason::InvalidUtf8, detail })
            }
        }
    }

    #[inline]
    pub fn boolean<'p>(&mut self) -> Checked<'p, u8> {
        let [byte] = self.array()?;
        if byte > 1 {
            return malformed(Detail::Count("a boolean byte of ", i64::from(byte), ""));
        }
        Ok(byte)
    }

    /// The index of an enum's symbol, or of a union's branch.
    #[inline]
    pub fn index<'p>(&mut self, count: usize, what: &'static str) -> Checked<'p, usize> {
        let index = self.long()?;
        match usize::try_from(index) {
            Ok(known) if known < count => Ok(known),
            _ => malformed(Detail::Counts(what, index, " of ", count as i64, "")),
        }
    }

    /// The number of items in the next block of an array or a map, `before` items having been read;
    /// 0 is the end.
    #[inline]
    pub fn block<'p>(&mut self, before: usize) -> Checked<'p, usize> {
        let count = self.long()?;
        if count < 0 {
            self.is_canonical = false;
            self.count()?;
        }
        self.is_canonical &= before == 0 || count == 0;
        if (before as u64).saturating_add(count.unsigned_abs()) > MOST_ITEMS {
            return malformed(Detail::Count("more than ", MOST_ITEMS as i64, " items"));
        }
        Ok(count.unsigned_abs() as usize)
    }
}

pub const SYMBOL: &str = "symbol ";
pub const BRANCH: &str = "branch ";

#[inline]
fn decode_zigzag(bits: u64) -> i64 {
    (bits >> 1) as i64 ^ -((bits & 1) as i64)
}

fn malformed<'p, T>(detail: Detail<'p>) -> Checked<'p, T> {
    Err(Fault { reason: Reason::AvroMalformed, detail })
}

/// Check that a record fills the body exactly.
pub fn check_body(plan: &Type, body: &[u8]) -> Result<(), Rejection> {
    let mut walk = Walk { cursor: Cursor::new(body), steps: Vec::new() };
    walk.skip(plan).map_err(|fault| fault.rejection(&walk.steps))?;
    let remaining = walk.cursor.remaining() as i64;
    if remaining == 0 {
        return Ok(());
    }
    let detail = Detail::Count("", remaining, " bytes after the record");
    Err(Fault { reason: Reason::AvroTrailingBytes, detail }.rejection(&[]))
}

/// Skips values; `steps` lead up from the one at fault.
pub struct Walk<'a> {
    pub cursor: Cursor<'a>,
    pub steps: Vec<Step<'a>>,
}

impl<'a> Walk<'a> {
    pub fn skip(&mut self, value_type: &'a Type) -> Checked<'a> {
        let cursor = &mut self.cursor;
        match value_type {
            Type::Null => {}
            Type::Boolean => drop(cursor.boolean()?),
            Type::Integer(_) | Type::Date | Type::Time(_) | Type::Timestamp(_) => {
                cursor.long()?;
            }
            Type::Floating(rules) => drop(cursor.take(if rules.is_single { 4 } else { 8 })?),
            Type::Text(_) | Type::Uuid => drop(cursor.text()?),
            Type::Bytes => drop(cursor.bytes()?),
            Type::Fixed(size) => drop(cursor.take(*size as i64)?),
            Type::UuidBytes => drop(cursor.take(UUID_BYTES as i64)?),
            Type::Decimal(decimal) => match decimal.size {
                Some(size) => drop(cursor.take(size as i64)?),
                None => drop(cursor.bytes()?),
            },
            Type::Enum(symbols) => drop(cursor.index(symbols.count(), SYMBOL)?),
            Type::Union(union) => {
                let index = cursor.index(union.branches.len(), BRANCH)?;
                return self.skip(&union.branches[index]);
            }
            Type::Record(record) => {
                for field in &record.fields {
                    self.skip_at(Step::field(field.name()), &field.value)?;
                }
            }
            Type::Array(items) => return self.skip_array(items),
            Type::Map(values) => return self.skip_map(values, |_| ()),
        }
        Ok(())
    }

    fn skip_at(&mut self, step: Step<'a>, part: &'a Type) -> Checked<'a> {
        let skipped = self.skip(part);
        if skipped.is_err() {
            self.steps.push(step);
        }
        skipped
    }

    fn skip_array(&mut self, items: &'a Type) -> Checked<'a> {
        let mut index = 0;
        loop {
            let count = self.cursor.block(index)?;
            if count == 0 {
                return Ok(());
            }
            for at in index..index + count {
                self.skip_at(Step::Index(at), items)?;
            }
            index += count;
        }
    }

    /// Skip a map, and report each key.
    pub fn skip_map(&mut self, values: &'a Type, mut tell: impl FnMut(&'a [u8])) -> Checked<'a> {
        let mut index = 0;
        loop {
            let count = self.cursor.block(index)?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                let key = self.cursor.text()?;
                tell(key);
                self.skip_at(Step::Key(key.into()), values)?;
            }
            index += count;
        }
    }
}
