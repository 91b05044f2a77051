//! Why an event is refused: found without allocating; put into words only for the final fault.

use std::borrow::Cow;
use std::fmt::Write;

use crate::numbers::{decimal_text, float_text};

const LONGEST: usize = 256;
pub const TWICE: &str = "the key stands more than once";

macro_rules! reasons {
    ($($name:ident $code:literal)*) => {
        /// One code per kind of fault, the same as in `shared/values/rejection.py`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $($name),* }

        /// In the order of `Reason`: a reason's number is its index here.
        pub const CODES: [&str; [$($code),*].len()] = [$($code),*];
    };
}

reasons! {
    EmptyBody "empty_body"
    BodyTooLarge "body_too_large"
    InvalidUtf8 "invalid_utf8"
    InvalidJson "invalid_json"
    JsonTooDeep "json_too_deep"
    NotAnObject "not_an_object"
    DuplicateKey "duplicate_key"
    AvroTruncated "avro_truncated"
    AvroTrailingBytes "avro_trailing_bytes"
    AvroMalformed "avro_malformed"
    MissingField "missing_field"
    UnknownField "unknown_field"
    WrongType "wrong_type"
    OutOfRange "out_of_range"
    NotFinite "not_finite"
    UnknownSymbol "unknown_symbol"
    BadBase64 "bad_base64"
    BadDecimal "bad_decimal"
    BadUuid "bad_uuid"
    BadDate "bad_date"
    BadTime "bad_time"
    BadTimestamp "bad_timestamp"
    RuleMinimum "rule_minimum"
    RuleMaximum "rule_maximum"
    RuleExclusiveMinimum "rule_exclusive_minimum"
    RuleExclusiveMaximum "rule_exclusive_maximum"
    RuleMinLength "rule_min_length"
    RuleMaxLength "rule_max_length"
    RulePattern "rule_pattern"
}

/// A number as a detail shows it.
#[derive(Clone, Copy)]
pub enum Shown {
    Integer(i64),
    Float(f64),
    /// The units of the last place, and the number of decimal places.
    Decimal(i128, u32),
}

/// A fault's detail, before it is put into words.
pub enum Detail<'p> {
    Plain(&'static str),
    /// What was expected, what was found.
    Expected(&'static str, &'static str),
    Count(&'static str, i64, &'static str),
    Counts(&'static str, i64, &'static str, i64, &'static str),
    /// A prefix, and the contract's text.
    Of(&'static str, &'p str),
    Other(&'static str, &'p str, &'static str),
    Bound(Shown, &'static str, &'p str),
}

/// What is wrong with the current value; its path is kept separately, as steps.
pub struct Fault<'p> {
    pub reason: Reason,
    pub detail: Detail<'p>,
}

pub type Checked<'p, T = ()> = Result<T, Fault<'p>>;

/// A step into a value. Texts may hold lone surrogates, each as three bytes.
pub enum Step<'a> {
    Field(Cow<'a, [u8]>),
    Index(usize),
    Key(Cow<'a, [u8]>),
}

/// The finished rejection, in the reference's words.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejection {
    pub reason: Reason,
    pub path: String,
    pub detail: String,
}

pub fn refuse<'p, T>(reason: Reason, detail: &'static str) -> Checked<'p, T> {
    Err(Fault { reason, detail: Detail::Plain(detail) })
}

pub fn wrong_type<'p, T>(expected: &'static str, found: &'static str) -> Checked<'p, T> {
    Err(Fault { reason: Reason::WrongType, detail: Detail::Expected(expected, found) })
}

impl Fault<'_> {
    /// Put the fault into words; the steps lead up from the value.
    pub fn rejection(&self, steps: &[Step<'_>]) -> Rejection {
        let mut path = String::new();
        for step in steps.iter().rev() {
            step.show(&mut path);
        }
        if path.starts_with('.') {
            path.remove(0);
        }
        Rejection { reason: self.reason, path: cut(path), detail: cut(self.detail.words()) }
    }
}

impl Detail<'_> {
    fn words(&self) -> String {
        match self {
            Detail::Plain(text) => (*text).to_string(),
            Detail::Expected(expected, found) => format!("expected {expected}, found {found}"),
            Detail::Count(before, count, after) => format!("{before}{count}{after}"),
            Detail::Counts(before, one, between, other, after) => {
                format!("{before}{one}{between}{other}{after}")
            }
            Detail::Of(before, text) => format!("{before}{text}"),
            Detail::Other(before, text, after) => format!("{before}{text}{after}"),
            Detail::Bound(shown, relation, bound) => format!("{}{relation}{bound}", shown.text()),
        }
    }
}

impl Shown {
    fn text(self) -> String {
        match self {
            Shown::Integer(value) => value.to_string(),
            Shown::Float(value) => float_text(value),
            Shown::Decimal(units, scale) => decimal_text(units, scale),
        }
    }
}

impl<'a> Step<'a> {
    pub fn field(name: &'a str) -> Step<'a> {
        Step::Field(Cow::Borrowed(name.as_bytes()))
    }

    fn show(&self, path: &mut String) {
        match self {
            Step::Field(name) => {
                path.push('.');
                show_text(name, path, false);
            }
            Step::Index(index) => {
                let _ = write!(path, "[{index}]");
            }
            Step::Key(key) => {
                path.push_str("[\"");
                show_text(key, path, true);
                path.push_str("\"]");
            }
        }
    }
}

fn show_text(mut text: &[u8], path: &mut String, as_json: bool) {
    loop {
        let valid = match std::str::from_utf8(text) {
            Ok(all) => all,
            Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
        };
        if as_json {
            valid.chars().for_each(|character| show_in_json(character, path));
        } else {
            path.push_str(valid);
        }
        let [first, second, third, rest @ ..] = &text[valid.len()..] else {
            return;
        };
        let code = (u32::from(*first) & 0x0f) << 12
            | (u32::from(*second) & 0x3f) << 6
            | u32::from(*third) & 0x3f;
        let _ = write!(path, "\\u{code:04x}");
        text = rest;
    }
}

/// Write a character as Python's json does in a string, but keep characters outside ASCII.
fn show_in_json(character: char, path: &mut String) {
    match character {
        '"' => path.push_str("\\\""),
        '\\' => path.push_str("\\\\"),
        '\n' => path.push_str("\\n"),
        '\r' => path.push_str("\\r"),
        '\t' => path.push_str("\\t"),
        '\u{8}' => path.push_str("\\b"),
        '\u{c}' => path.push_str("\\f"),
        '\0'..='\u{1f}' => {
            let _ = write!(path, "\\u{:04x}", u32::from(character));
        }
        _ => path.push(character),
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST
        && let Some((end, _)) = text.char_indices().nth(LONGEST)
    {
        text.truncate(end);
    }
    text
}
