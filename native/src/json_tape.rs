//! A JSON body as a tape of its values, for a refused body, to find the reason and the path.

use crate::json_text::{Reader, Syntax};
use crate::json_value::{Entry, Kind, Value};
use crate::plan::DEEPEST;

/// Reused from one body to the next, so most bodies need no allocation.
#[derive(Default)]
pub struct Tape(Vec<Entry>);

impl Tape {
    /// Parse a whole body of less than 4 GB.
    pub fn parse<'a>(&'a mut self, body: &'a [u8]) -> Result<Value<'a>, Syntax> {
        self.parse_from(body, 0, |parser| {
            parser.reader.skip_space();
            parser.value(0)
        })
    }

    /// Parse the rest of a body's object, after one of its values, as a separate object.
    pub fn parse_rest<'a>(&'a mut self, body: &'a [u8], at: usize) -> Result<Value<'a>, Syntax> {
        self.parse_from(body, at, |parser| {
            parser.put(Kind::Object, at, at);
            while parser.goes_on(b'}')? {
                parser.pair(1)?;
            }
            parser.end(0);
            Ok(())
        })
    }

    fn parse_from<'a>(
        &'a mut self,
        body: &'a [u8],
        at: usize,
        parse: impl FnOnce(&mut Parser<'a, '_>) -> Result<(), Syntax>,
    ) -> Result<Value<'a>, Syntax> {
        self.0.clear();
        let reader = Reader { body, at };
        let mut parser = Parser { reader, entries: &mut self.0, scratch: Vec::new() };
        parse(&mut parser)?;
        parser.reader.skip_space();
        match parser.reader.at {
            at if at < body.len() => Err(Syntax::Bad(at)),
            _ => Ok(Value::first(body, &self.0)),
        }
    }
}

struct Parser<'a, 't> {
    reader: Reader<'a>,
    entries: &'t mut Vec<Entry>,
    scratch: Vec<u8>,
}

impl Parser<'_, '_> {
    fn value(&mut self, depth: usize) -> Result<(), Syntax> {
        let start = self.reader.at;
        let Some(first) = self.reader.peek() else {
            return Err(Syntax::Bad(start));
        };
        let kind = match first {
            b'"' => return self.string(),
            b'{' | b'[' if depth == DEEPEST => return Err(Syntax::TooDeep),
            b'{' => return self.object(depth + 1),
            b'[' => return self.array(depth + 1),
            b'n' if self.reader.eat_word(b"null") => Kind::Null,
            b't' if self.reader.eat_word(b"true") => Kind::True,
            b'f' if self.reader.eat_word(b"false") => Kind::False,
            b'N' if self.reader.eat_word(b"NaN") => Kind::NotFinite,
            b'I' if self.reader.eat_word(b"Infinity") => Kind::NotFinite,
            b'-' if self.reader.eat_word(b"-Infinity") => Kind::NotFinite,
            _ => match self.reader.number() {
                Some(number) if number.is_integer => Kind::Integer,
                Some(_) => Kind::Fraction,
                None => return Err(Syntax::Bad(start)),
            },
        };
        self.put(kind, start, self.reader.at);
        Ok(())
    }

    fn put(&mut self, kind: Kind, start: usize, end: usize) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { kind, start: start as u32, end: end as u32, next });
    }

    fn string(&mut self) -> Result<(), Syntax> {
        let start = self.reader.at + 1;
        let is_escaped = self.reader.skip_string(&mut self.scratch)?;
        let kind = if is_escaped { Kind::Escaped } else { Kind::String };
        self.put(kind, start, self.reader.at - 1);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Syntax> {
        let at = self.begin(Kind::Array);
        if !self.reader.eat(b']') {
            loop {
                self.value(depth)?;
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        self.end(at);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), Syntax> {
        let at = self.begin(Kind::Object);
        if !self.reader.eat(b'}') {
            loop {
                self.pair(depth)?;
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        self.end(at);
        Ok(())
    }

    /// A key and its value.
    fn pair(&mut self, depth: usize) -> Result<(), Syntax> {
        if self.reader.peek() != Some(b'"') {
            return Err(Syntax::Bad(self.reader.at));
        }
        self.string()?;
        self.reader.skip_space();
        if !self.reader.eat(b':') {
            return Err(Syntax::Bad(self.reader.at));
        }
        self.reader.skip_space();
        self.value(depth)
    }

    fn begin(&mut self, kind: Kind) -> usize {
        let at = self.entries.len();
        self.put(kind, self.reader.at, self.reader.at);
        self.reader.at += 1;
        self.reader.skip_space();
        at
    }

    fn end(&mut self, at: usize) {
        self.entries[at].next = self.entries.len() as u32;
    }

    /// Whether a comma and so another item follows; otherwise the end must follow.
    fn goes_on(&mut self, end: u8) -> Result<bool, Syntax> {
        self.reader.skip_space();
        if self.reader.eat(end) {
            return Ok(false);
        }
        if !self.reader.eat(b',') {
            return Err(Syntax::Bad(self.reader.at));
        }
        self.reader.skip_space();
        Ok(true)
    }
}
