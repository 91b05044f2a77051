//! The tokens of JSON (RFC 8259): strings, numbers, spaces, and where a text stops being JSON.

use crate::numbers::Number;

/// Why a text is not JSON: the byte where it stops being JSON, or its depth.
#[derive(Clone, Copy)]
pub enum Syntax {
    Bad(usize),
    TooDeep,
}

/// A string's characters in UTF-8, but a lone surrogate is three bytes.
#[derive(Clone, Copy)]
pub struct Chars<'a> {
    pub bytes: &'a [u8],
    pub has_surrogate: bool,
}

/// Reads a body that is UTF-8.
pub struct Reader<'a> {
    pub body: &'a [u8],
    pub at: usize,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The next byte that is not plain text: the quote, a backslash, or a byte that no string may hold.
#[inline]
fn find_special(body: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = body.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let found = (quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        if found & HIGHS != 0 {
            return at + ((found & HIGHS).trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = body.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            break;
        }
        at += 1;
    }
    at
}

/// Whether two texts of one length are equal; for a few words this is faster than a call.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    const STEP: usize = 8;
    let (Some(end), Some(other_end)) = (one.last_chunk::<STEP>(), other.last_chunk::<STEP>())
    else {
        return one.iter().zip(other).all(|(byte, other)| byte == other);
    };
    let (steps, other_steps) = (one.as_chunks::<STEP>().0, other.as_chunks::<STEP>().0);
    end == other_end && steps.iter().zip(other_steps).all(|(step, other)| step == other)
}

impl<'a> Reader<'a> {
    pub fn new(body: &'a [u8]) -> Reader<'a> {
        Reader { body, at: 0 }
    }

    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    #[inline]
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Consume a byte if it comes next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Consume a word if it comes next.
    #[inline]
    pub fn eat_word(&mut self, word: &[u8]) -> bool {
        let there = self.body.get(self.at..self.at + word.len());
        let is_next = there.is_some_and(|there| is_same(there, word));
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    #[inline]
    pub fn number(&mut self) -> Option<Number<'a>> {
        let number = Number::read(self.body.get(self.at..)?)?;
        self.at += number.text.len();
        Some(number)
    }

    /// Read the string that starts at the next quote; one with escapes is decoded into the scratch.
    #[inline]
    pub fn string<'s>(&mut self, scratch: &'s mut Vec<u8>) -> Result<Chars<'s>, Syntax>
    where
        'a: 's,
    {
        let quote = self.at;
        let end = find_special(self.body, quote + 1);
        match self.body.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                Ok(Chars { bytes: &self.body[quote + 1..end], has_surrogate: false })
            }
            Some(b'\\') => self.escaped(end, scratch),
            Some(_) => Err(Syntax::Bad(end)),
            None => Err(Syntax::Bad(quote)),
        }
    }

    /// Skip the string that starts at the next quote; returns whether it has escapes.
    #[inline]
    pub fn skip_string(&mut self, scratch: &mut Vec<u8>) -> Result<bool, Syntax> {
        let end = find_special(self.body, self.at + 1);
        if self.body.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(false);
        }
        self.string(scratch).map(|_| true)
    }

    #[cold]
    fn escaped<'s>(&mut self, first: usize, scratch: &'s mut Vec<u8>) -> Result<Chars<'s>, Syntax> {
        let quote = self.at;
        let mut has_surrogate = false;
        let mut start = quote + 1;
        let mut end = first;
        scratch.clear();
        loop {
            scratch.extend_from_slice(&self.body[start..end]);
            match self.body.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(Chars { bytes: scratch, has_surrogate });
                }
                Some(b'\\') => start = self.escape(quote, end, scratch, &mut has_surrogate)?,
                Some(_) => return Err(Syntax::Bad(end)),
                None => return Err(Syntax::Bad(quote)),
            }
            end = find_special(self.body, start);
        }
    }

    /// Decode the escape at a backslash; returns where the string continues.
    fn escape(
        &self,
        quote: usize,
        slash: usize,
        scratch: &mut Vec<u8>,
        has_surrogate: &mut bool,
    ) -> Result<usize, Syntax> {
        let character = match self.body.get(slash + 1) {
            Some(b'u') => return self.code(slash, scratch, has_surrogate),
            Some(plain @ (b'"' | b'\\' | b'/')) => *plain,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(_) => return Err(Syntax::Bad(slash)),
            None => return Err(Syntax::Bad(quote)),
        };
        scratch.push(character);
        Ok(slash + 2)
    }

    /// Decode `\uXXXX`, or the pair that encodes one character beyond the first 65,536.
    fn code(
        &self,
        slash: usize,
        scratch: &mut Vec<u8>,
        has_surrogate: &mut bool,
    ) -> Result<usize, Syntax> {
        let unit = self.unit(slash)?;
        let after = slash + 6;
        if matches!(unit, 0xd800..=0xdbff) && self.body.get(after..after + 2) == Some(b"\\u") {
            // If the text ends with these digits, the error is reported when their own turn comes.
            let other = if after + 6 < self.body.len() { self.unit(after)? } else { 0 };
            if matches!(other, 0xdc00..=0xdfff) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (other - 0xdc00);
                put_code(code, scratch);
                return Ok(after + 6);
            }
        }
        *has_surrogate |= matches!(unit, 0xd800..=0xdfff);
        put_code(unit, scratch);
        Ok(after)
    }

    /// Read the four digits after the `\u` at a backslash; an error in them is reported at the `u`.
    fn unit(&self, slash: usize) -> Result<u32, Syntax> {
        let digits = self.body.get(slash + 2..slash + 6);
        match (digits, self.body.get(slash + 6)) {
            (Some(digits), Some(_)) => digits.iter().try_fold(0, |unit, digit| {
                let value = char::from(*digit).to_digit(16).ok_or(Syntax::Bad(slash + 1))?;
                Ok(unit << 4 | value)
            }),
            _ => Err(Syntax::Bad(slash + 1)),
        }
    }
}

fn put_code(code: u32, scratch: &mut Vec<u8>) {
    if let Some(character) = char::from_u32(code) {
        scratch.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let bytes = [0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f];
        scratch.extend(bytes.map(|byte| byte as u8));
    }
}
