//! A batch of one contract's events: good ones go into blocks, bad ones are rejected with a reason.

use crate::fault::{Detail, Fault, Reason, Rejection};
use crate::json_check::Checker;
use crate::json_scratch::Scratch;
use crate::json_stream::put_body;
use crate::json_tape::Tape;
use crate::json_text::Syntax;
use crate::json_value::Kind;
use crate::plan::{DEEPEST, Type};
use crate::{avro_check, avro_structure, wire};

const LARGEST_BODY_BYTES: usize = 1 << 20;

/// The parts of an event that encoding needs.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub body: &'a [u8],
    pub is_avro: bool,
    pub sequence_number: i64,
    pub enqueued_micros: i64,
}

/// `count` records, one after another.
pub struct Block {
    pub count: usize,
    pub data: Vec<u8>,
}

/// Blocks in order; rejections with the index of their event.
#[derive(Default)]
pub struct Encoded {
    pub blocks: Vec<Block>,
    pub rejections: Vec<(usize, Rejection)>,
}

/// Buffers that are reused from one event to the next.
#[derive(Default)]
struct Kept {
    stream: Scratch,
    tape: Tape,
}

/// Encode events whose contract is a record; the bytes appended to each record begin with `origin`.
pub fn encode<'a>(
    plan: &Type,
    events: impl Iterator<Item = Event<'a>>,
    origin: &[u8],
    block_bytes: usize,
) -> Encoded {
    let mut encoded = Encoded::default();
    let mut scratch = Kept::default();
    let (mut count, mut data) = (0, Vec::with_capacity(block_bytes + block_bytes / 8));
    for (index, event) in events.enumerate() {
        let start = data.len();
        if let Err(rejection) = put_record(plan, event, &mut scratch, &mut data) {
            data.truncate(start);
            encoded.rejections.push((index, rejection));
            continue;
        }
        data.extend_from_slice(origin);
        wire::put_long(event.sequence_number, &mut data);
        wire::put_long(event.enqueued_micros, &mut data);
        count += 1;
        if data.len() >= block_bytes {
            let room = data.capacity();
            let data = std::mem::replace(&mut data, Vec::with_capacity(room));
            encoded.blocks.push(Block { count: std::mem::take(&mut count), data });
        }
    }
    if count > 0 {
        encoded.blocks.push(Block { count, data });
    }
    encoded
}

fn put_record(
    plan: &Type,
    event: Event<'_>,
    scratch: &mut Kept,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    let length = event.body.len();
    if length == 0 {
        return Err(plain(Reason::EmptyBody, "the body has no bytes"));
    }
    if length > LARGEST_BODY_BYTES {
        let most = LARGEST_BODY_BYTES as i64;
        return Err(whole(
            Reason::BodyTooLarge,
            Detail::Counts("", length as i64, " bytes, at most ", most, ""),
        ));
    }
    if event.is_avro {
        put_avro(plan, event.body, out)
    } else {
        put_json(plan, event.body, scratch, out)
    }
}

fn put_json(
    plan: &Type,
    body: &[u8],
    scratch: &mut Kept,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    if let Err(error) = std::str::from_utf8(body) {
        let at = error.valid_up_to() as i64;
        return Err(whole(Reason::InvalidUtf8, Detail::Count("byte ", at, " is not UTF-8")));
    }
    let start = out.len();
    if let Type::Record(record) = plan
        && put_body(body, record, &mut scratch.stream, out).is_some()
    {
        return Ok(());
    }
    out.truncate(start);
    diagnose_json(plan, body, &scratch.stream, &mut scratch.tape, out)
}

/// The slow path, for a body that the fast path refused: reject it with a reason, or write it after
/// all. `known` is what the fast path has found out about the body.
#[cold]
pub fn diagnose_json(
    plan: &Type,
    body: &[u8],
    known: &Scratch,
    tape: &mut Tape,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    let start = out.len();
    if let (Type::Record(record), Some(at)) = (plan, known.written_to) {
        let rest = tape.parse_rest(body, at).map_err(|error| no_json(body, error))?;
        let mut checker = Checker { steps: Vec::new(), out };
        if let Some(fault) = checker.rest(rest, record, |field| known.has_written(field)) {
            return Err(fault.rejection(&checker.steps));
        }
        out.truncate(start);
    }
    let value = tape.parse(body).map_err(|error| no_json(body, error))?;
    if value.kind() != Kind::Object {
        return Err(plain(Reason::NotAnObject, "the body is JSON, but no object"));
    }
    let mut checker = Checker { steps: Vec::new(), out };
    checker.check(value, plan).map_err(|fault| fault.rejection(&checker.steps))
}

fn no_json(body: &[u8], error: Syntax) -> Rejection {
    match error {
        Syntax::Bad(at) => {
            let before = body.iter().take(at).filter(|&&byte| byte & 0xc0 != 0x80).count() as i64;
            let detail = Detail::Count("not JSON (RFC 8259) at character ", before, "");
            whole(Reason::InvalidJson, detail)
        }
        Syntax::TooDeep => {
            let detail = Detail::Count("nested more than ", DEEPEST as i64, " deep");
            whole(Reason::JsonTooDeep, detail)
        }
    }
}

/// A body in canonical form lands unchanged.
fn put_avro(plan: &Type, body: &[u8], out: &mut Vec<u8>) -> Result<(), Rejection> {
    let checked = avro_check::check_body(plan, body);
    if checked == Some(avro_check::Form::Canonical) {
        out.extend_from_slice(body);
        return Ok(());
    }
    avro_structure::check_body(plan, body)?;
    avro_check::put_body(plan, body, out)
}

fn whole(reason: Reason, detail: Detail<'_>) -> Rejection {
    Fault { reason, detail }.rejection(&[])
}

fn plain(reason: Reason, detail: &'static str) -> Rejection {
    whole(reason, Detail::Plain(detail))
}
