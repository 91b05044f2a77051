//! A contract as typed values, which the encoders walk over.

use std::cmp::Ordering;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use regex::Regex;

/// The greatest depth of bodies and types; it bounds the recursion.
pub const DEEPEST: usize = 128;

pub enum Type {
    Null,
    Boolean,
    Integer(Integer),
    Floating(Floating),
    Text(Text),
    Uuid,
    Bytes,
    Date,
    /// Micros to the unit.
    Time(i64),
    Timestamp(Timestamp),
    Fixed(usize),
    UuidBytes,
    Decimal(Decimal),
    Enum(Enum),
    Array(Box<Type>),
    Map(Box<Type>),
    Union(Union),
    Record(Record),
}

/// A bound as a comparable value, and as the contract's text.
pub struct Bound<T> {
    pub value: T,
    pub text: String,
}

/// The bounds of a number, in the order in which they are checked.
pub struct Bounds<T> {
    pub minimum: Option<Bound<T>>,
    pub maximum: Option<Bound<T>>,
    pub exclusive_minimum: Option<Bound<T>>,
    pub exclusive_maximum: Option<Bound<T>>,
}

pub struct Integer {
    pub is_int32: bool,
    pub bounds: Bounds<i128>,
}

pub struct Floating {
    pub is_single: bool,
    pub bounds: Bounds<f64>,
}

pub struct Text {
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub pattern: Option<Pattern>,
}

/// `text` is the contract's pattern, `regex` is the same in this crate's syntax.
pub struct Pattern {
    pub text: String,
    pub regex: Regex,
}

pub struct Timestamp {
    /// Micros to the unit.
    pub unit: i64,
    pub has_offset: bool,
}

/// A number kept as units of its last place; `size` is set if it is stored in a fixed.
pub struct Decimal {
    pub size: Option<usize>,
    pub precision: u32,
    pub scale: u32,
    pub bounds: Bounds<i128>,
}

/// `sorted` has each symbol with its index; `listed` is their list in a rejection.
pub struct Enum {
    pub sorted: Vec<(String, usize)>,
    pub listed: String,
}

/// `beside_null` has the index of null and the index of the only other branch.
pub struct Union {
    pub branches: Vec<Type>,
    pub listed: String,
    pub beside_null: Option<(usize, usize)>,
}

/// `by_name` has each field's index under all of its names, sorted.
pub struct Record {
    pub fields: Vec<Field>,
    pub by_name: Vec<(String, usize)>,
    followers: Vec<AtomicUsize>,
}

pub struct Field {
    /// Its names in JSON, its own name first.
    pub names: Vec<String>,
    /// Its own name as JSON writes it.
    pub quoted: Vec<u8>,
    pub value: Type,
    /// The Avro bytes for a missing value.
    pub default: Option<Vec<u8>>,
}

impl Enum {
    pub fn new(symbols: Vec<String>) -> Enum {
        let listed = symbols.join(", ");
        Enum { sorted: sorted(symbols.into_iter()), listed }
    }

    pub fn find(&self, symbol: &[u8]) -> Option<usize> {
        find(&self.sorted, symbol)
    }

    pub fn count(&self) -> usize {
        self.sorted.len()
    }
}

impl Record {
    pub fn new(fields: Vec<Field>) -> Record {
        let mut by_name: Vec<(String, usize)> = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            by_name.extend(field.names.iter().map(|name| (name.clone(), index)));
        }
        let followers = (0..=fields.len()).map(AtomicUsize::new).collect();
        Record { fields, by_name: by_length(by_name), followers }
    }

    /// A guess: the field that followed this many fields of the contract's order the last time.
    ///
    /// A producer usually keeps one order for all its events, but seldom the contract's order.
    #[inline]
    pub fn follower(&self, after: usize) -> usize {
        self.followers[after].load(Relaxed)
    }

    #[inline]
    pub fn learn_follower(&self, after: usize, field: usize) {
        self.followers[after].store(field, Relaxed);
    }

    /// The field of this name, most likely the one expected.
    #[inline]
    pub fn find(&self, name: &[u8], expected: usize) -> Option<usize> {
        match self.fields.get(expected) {
            Some(field) if field.names[0].as_bytes() == name => Some(expected),
            _ => find(&self.by_name, name),
        }
    }
}

impl Field {
    pub fn new(names: Vec<String>, value: Type, default: Option<Vec<u8>>) -> Field {
        let quoted = format!("\"{}\"", names[0]).into_bytes();
        Field { names, quoted, value, default }
    }

    pub fn name(&self) -> &str {
        &self.names[0]
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let indexed = names.enumerate().map(|(at, name)| (name, at)).collect();
    by_length(indexed)
}

/// Sort names by length first, for look-up: most names differ in length from the one wanted.
fn by_length(mut names: Vec<(String, usize)>) -> Vec<(String, usize)> {
    names.sort_by(|(one, _), (other, _)| order(one.as_bytes(), other.as_bytes()));
    names
}

#[inline]
fn order(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

fn find(names: &[(String, usize)], name: &[u8]) -> Option<usize> {
    let at = names.binary_search_by(|(known, _)| order(known.as_bytes(), name)).ok()?;
    Some(names[at].1)
}
