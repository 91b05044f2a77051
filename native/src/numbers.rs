//! Numbers in the forms of JSON and of Python.

/// A JSON number: `digits` times ten to the power of `exponent`, exact if `is_exact`.
#[derive(Clone, Copy)]
pub struct Number<'a> {
    pub text: &'a [u8],
    pub is_integer: bool,
    is_negative: bool,
    is_exact: bool,
    digits: u64,
    exponent: i64,
}

const MOST_DIGITS: u32 = 19;
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
const EXACT: u64 = 1 << 53;

struct Digits {
    value: u64,
    count: u32,
    is_exact: bool,
}

impl Digits {
    #[inline]
    fn take(&mut self, text: &[u8], mut at: usize) -> usize {
        while let Some(digit @ b'0'..=b'9') = text.get(at) {
            if self.count < MOST_DIGITS {
                self.value = self.value * 10 + u64::from(digit - b'0');
                self.count += u32::from(self.value > 0);
            } else {
                self.is_exact = false;
            }
            at += 1;
        }
        at
    }
}

impl<'a> Number<'a> {
    /// Read the longest number (RFC 8259, section 6) at the beginning of the text, if there is one.
    #[inline]
    pub fn read(text: &'a [u8]) -> Option<Number<'a>> {
        let is_negative = text.first() == Some(&b'-');
        let start = usize::from(is_negative);
        let mut digits = Digits { value: 0, count: 0, is_exact: true };
        let mut at = match text.get(start) {
            Some(b'0') => start + 1,
            Some(b'1'..=b'9') => digits.take(text, start),
            _ => return None,
        };
        let (mut is_integer, mut exponent) = (true, 0);
        if let (Some(b'.'), Some(b'0'..=b'9')) = (text.get(at), text.get(at + 1)) {
            let end = digits.take(text, at + 1);
            exponent = -((end - at - 1) as i64);
            (at, is_integer) = (end, false);
        }
        if let Some((power, end)) = read_exponent(text, at) {
            exponent = power.saturating_add(exponent);
            (at, is_integer) = (end, false);
        }
        Some(Number {
            text: &text[..at],
            is_integer,
            is_negative,
            is_exact: digits.is_exact,
            digits: digits.value,
            exponent,
        })
    }

    /// The integer, if 64 bits can hold it.
    #[inline]
    pub fn long(&self) -> Option<i64> {
        if !self.is_exact {
            return None;
        }
        match (self.is_negative, i64::try_from(self.digits)) {
            (false, Ok(value)) => Some(value),
            (true, Ok(value)) => Some(-value),
            (true, Err(_)) if self.digits == 1 << 63 => Some(i64::MIN),
            _ => None,
        }
    }

    /// The nearest double; infinite if the number is too large.
    #[inline]
    pub fn double(&self) -> f64 {
        if self.is_integer && self.digits == 0 {
            return 0.0; // an integer has no negative zero
        }
        if self.is_exact && self.digits <= EXACT && (-22..=22).contains(&self.exponent) {
            let power = POWERS[self.exponent.unsigned_abs() as usize];
            let digits = self.digits as f64;
            let value = if self.exponent < 0 { digits / power } else { digits * power };
            return if self.is_negative { -value } else { value };
        }
        let text = std::str::from_utf8(self.text).unwrap_or_default();
        text.parse().unwrap_or(f64::INFINITY)
    }
}

fn read_exponent(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let (b'e' | b'E') = text.get(at)? else {
        return None;
    };
    let (is_negative, start) = match text.get(at + 1)? {
        b'-' => (true, at + 2),
        b'+' => (false, at + 2),
        _ => (false, at + 1),
    };
    let mut end = start;
    let mut power = 0i64;
    while let Some(digit @ b'0'..=b'9') = text.get(end) {
        power = power.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
        end += 1;
    }
    (end > start).then_some((if is_negative { -power } else { power }, end))
}

/// Like Python's repr: the fewest digits, an exponent beyond 16 digits or four zeros.
pub fn float_text(value: f64) -> String {
    let text = shortest(value);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent + 1;
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    let point = point as usize;
    if digits.len() <= point {
        return format!("{sign}{digits}{}.0", "0".repeat(point - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

/// The fewest digits, with an exponent; if two are equally near, the even one.
fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let mantissa = text.split('e').next().unwrap_or(&text);
    let places = mantissa.split('.').nth(1).map_or(0, str::len);
    let even = format!("{value:.places$e}");
    if even.parse() == Ok(value) { even } else { text }
}

/// Like Python's Decimal: an exponent if more than five zeros would follow the point.
pub fn decimal_text(units: i128, scale: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = units.unsigned_abs().to_string();
    let (count, scale) = (digits.len() as i64, i64::from(scale));
    let point = count - scale;
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    if point - 1 < -6 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{dot}{rest}E{}", point - 1);
    }
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    let (before, after) = digits.split_at(point as usize);
    format!("{sign}{before}.{after}")
}
