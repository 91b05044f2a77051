//! For any bytes: nothing panics, and the fast paths agree with the slow ones.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::avro_check::{Form, check_body, put_body as put_avro_body};
use crate::avro_structure;
use crate::batch::{Event, diagnose_json, encode};
use crate::json_scratch::Scratch;
use crate::json_stream::put_body;
use crate::json_tape::Tape;
use crate::plan::{
    Bound, Bounds, Decimal, Enum, Field, Floating, Integer, Pattern, Record, Text, Timestamp, Type,
    Union,
};

const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    " ",
    "\n",
    "null",
    "true",
    "false",
    "NaN",
    "-Infinity",
    "0",
    "-0",
    "1",
    "-12.5",
    "1e9",
    "9223372036854775808",
    "1e400",
    "0.00000000000000000001",
    "\"\"",
    "\"a\"",
    "\"b\"",
    "\"x\"",
    "\"A\"",
    "\"AAAA\"",
    "\"AA==\"",
    "\"\\ud800\"",
    "\"\\u0061\"",
    "\"2026-01-01\"",
    "\"2026-01-01T00:00:00Z\"",
    "\"12:00\"",
    "\"1.5\"",
    "\"00010203-0405-0607-0809-0a0b0c0d0e0f\"",
    "\"caf\u{e9}\"",
    "\"\\",
    "\"\\u12",
    "\\",
    "\u{1f600}",
];

fn no_bounds<T>() -> Bounds<T> {
    Bounds { minimum: None, maximum: None, exclusive_minimum: None, exclusive_maximum: None }
}

fn from<T>(value: T, text: &str) -> Bounds<T> {
    Bounds { minimum: Some(Bound { value, text: text.to_string() }), ..no_bounds() }
}

fn text(rules: Option<&str>) -> Type {
    let pattern = rules.map(|text| Pattern {
        text: text.to_string(),
        regex: regex::Regex::new(text).expect("the test's own pattern"),
    });
    Type::Text(Text { min_length: None, max_length: pattern.as_ref().map(|_| 3), pattern })
}

fn decimal(size: Option<usize>) -> Type {
    Type::Decimal(Decimal { size, precision: 38, scale: 20, bounds: from(-1, "-1E-20") })
}

fn union(branches: Vec<Type>) -> Type {
    let null = branches.iter().position(|branch| matches!(branch, Type::Null));
    let beside_null = null.filter(|_| branches.len() == 2).map(|null| (null, 1 - null));
    Type::Union(Union { branches, listed: "some".to_string(), beside_null })
}

fn record(fields: Vec<Type>) -> Type {
    let names = ["a", "b", "x", "y", "z", "A"];
    let field = |(value, name): (Type, &str)| {
        let default = matches!(value, Type::Union(_)).then(|| vec![0]);
        Field::new(vec![name.to_string(), format!("{name}_was")], value, default)
    };
    Type::Record(Record::new(fields.into_iter().zip(names).map(field).collect()))
}

/// A plan for each number; together the plans have every type.
fn plan(number: usize) -> Type {
    let any = || {
        union(vec![
            Type::Null,
            Type::Boolean,
            Type::Integer(Integer { is_int32: true, bounds: from(0, "0") }),
            Type::Array(Box::new(text(None))),
            Type::Map(Box::new(union(vec![Type::Null, Type::Bytes]))),
            text(Some("a")),
        ])
    };
    let floating = |is_single| Type::Floating(Floating { is_single, bounds: from(-1.5, "-1.5") });
    let timestamp = |unit, has_offset| Type::Timestamp(Timestamp { unit, has_offset });
    match number {
        0 => record(vec![any(), Type::Map(Box::new(any())), Type::Array(Box::new(any()))]),
        1 => record(vec![Type::Integer(Integer { is_int32: false, bounds: no_bounds() })]),
        2 => record(vec![floating(true), union(vec![floating(false), Type::Null])]),
        3 => record(vec![decimal(None), union(vec![Type::Null, decimal(Some(16))]), any()]),
        4 => record(vec![timestamp(1, true), union(vec![timestamp(1000, false), Type::Date])]),
        5 => record(vec![Type::Time(1000), Type::Uuid, Type::UuidBytes, Type::Fixed(3)]),
        6 => {
            let symbols = Enum::new(vec!["A".to_string(), "x".to_string()]);
            record(vec![Type::Enum(symbols), record(vec![any(), text(None)])])
        }
        _ => record(vec![Type::Map(Box::new(record(vec![any()])))]),
    }
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let tokens = vec(prop::sample::select(&TOKENS[..]), 0..30).prop_map(|parts| parts.concat());
    let keyed = vec((prop::sample::select(&["a", "b", "x", "y"][..]), 0..TOKENS.len()), 0..5)
        .prop_map(|pairs| {
            let pair = |(key, at): (&str, usize)| format!("\"{key}\":{}", TOKENS[at]);
            format!("{{{}}}", pairs.into_iter().map(pair).collect::<Vec<_>>().join(","))
        });
    let nested = (0..300usize, 0..300usize)
        .prop_map(|(open, close)| format!("{{\"x\":{}{}}}", "[".repeat(open), "]".repeat(close)));
    prop_oneof![
        vec(any::<u8>(), 0..60),
        vec(prop_oneof![0u8..6, Just(0x80), Just(0xff)], 0..40),
        tokens.prop_map(String::into_bytes),
        keyed.prop_map(String::into_bytes),
        nested.prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn every_event_lands_or_is_rejected(
        number in 0..8usize, bodies in vec((bodies(), any::<bool>()), 1..6)
    ) {
        let plan = plan(number);
        let events = bodies.iter().map(|(body, is_avro)| Event {
            body, is_avro: *is_avro, sequence_number: i64::MIN, enqueued_micros: i64::MAX,
        });
        let encoded = encode(&plan, events, b"origin", 64);
        let landed: usize = encoded.blocks.iter().map(|block| block.count).sum();
        prop_assert_eq!(landed + encoded.rejections.len(), bodies.len());
        prop_assert!(encoded.blocks.iter().all(|block| block.count > 0));
    }

    #[test]
    fn what_the_short_way_writes_the_long_one_writes_too(number in 0..8usize, body in bodies()) {
        let plan = plan(number);
        let Type::Record(record) = &plan else { return Ok(()) };
        let (mut short, mut long) = (Vec::new(), Vec::new());
        let is_text = std::str::from_utf8(&body).is_ok();
        if is_text && put_body(&body, record, &mut Scratch::default(), &mut short).is_some() {
            prop_assert_eq!(diagnose_json(&plan, &body, &Scratch::default(), &mut Tape::default(), &mut long), Ok(()));
            prop_assert_eq!(short, long);
        }
    }

    #[test]
    fn avro_that_is_canonical_is_written_as_it_is(number in 0..8usize, body in bodies()) {
        let plan = plan(number);
        let mut written = Vec::new();
        match check_body(&plan, &body) {
            Some(form) => {
                prop_assert_eq!(avro_structure::check_body(&plan, &body), Ok(()));
                prop_assert_eq!(put_avro_body(&plan, &body, &mut written), Ok(()));
                prop_assert_eq!(form == Form::Canonical, written == body);
            }
            None => prop_assert!(
                avro_structure::check_body(&plan, &body).is_err()
                    || put_avro_body(&plan, &body, &mut written).is_err()
            ),
        }
    }
}

/// The number of cases; LANDFALL_FUZZED_BODIES can change it.
fn cases() -> u32 {
    let wanted = std::env::var("LANDFALL_FUZZED_BODIES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}
