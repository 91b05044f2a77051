//! Exact decimal numbers, in units of their last place, as big-endian bytes.

use crate::fault::{Checked, Detail, Fault, Reason, Shown, refuse};
use crate::numbers::Number;
use crate::plan::Decimal;
use crate::scalars::check_bounds;
use crate::wire::put_long;

/// The most digits that a plan's decimal may have and that 128 bits can hold.
pub const MOST_DIGITS: i64 = 38;

/// Write a JSON number exactly.
pub fn put_number<'p>(text: &[u8], decimal: &'p Decimal, out: &mut Vec<u8>) -> Checked<'p> {
    let units = count_units(text, decimal)?;
    let bytes = units.to_be_bytes();
    match decimal.size {
        Some(size) => {
            let sign = if units < 0 { 0xff } else { 0 };
            out.extend(std::iter::repeat_n(sign, size.saturating_sub(bytes.len())));
            out.extend_from_slice(&bytes[bytes.len() - size.min(bytes.len())..]);
        }
        None => {
            let kept = shortest(units);
            put_long(kept as i64, out);
            out.extend_from_slice(&bytes[bytes.len() - kept..]);
        }
    }
    check_bounds(units, &decimal.bounds, || Shown::Decimal(units, decimal.scale))
}

/// Write the number in a JSON string.
pub fn put_text<'p>(text: &[u8], decimal: &'p Decimal, out: &mut Vec<u8>) -> Checked<'p> {
    match Number::read(text) {
        Some(number) if number.text.len() == text.len() => put_number(text, decimal, out),
        _ => refuse(Reason::BadDecimal, "not a number as JSON writes it"),
    }
}

/// Check a decimal's bytes from an Avro body.
pub fn check_bytes<'p>(data: &[u8], decimal: &'p Decimal) -> Checked<'p> {
    if data.is_empty() {
        return refuse(Reason::BadDecimal, "a number without bytes");
    }
    let units =
        read_units(data).filter(|units| units.unsigned_abs() < 10u128.pow(decimal.precision));
    let Some(units) = units else {
        let detail = Detail::Count("more than ", i64::from(decimal.precision), " digits");
        return Err(Fault { reason: Reason::OutOfRange, detail });
    };
    check_bounds(units, &decimal.bounds, || Shown::Decimal(units, decimal.scale))
}

/// The number that the bytes encode; None if it is longer than any decimal.
fn read_units(data: &[u8]) -> Option<i128> {
    let sign = if data[0] & 0x80 == 0 { 0 } else { 0xff };
    let (more, last) = data.split_at(data.len().saturating_sub(16));
    let mut bytes = [sign; 16];
    bytes[16 - last.len()..].copy_from_slice(last);
    let is_longer = more.iter().any(|&byte| byte != sign) || (bytes[0] ^ sign) & 0x80 != 0;
    (!is_longer).then(|| i128::from_be_bytes(bytes))
}

/// How many bytes a number with its sign needs.
fn shortest(units: i128) -> usize {
    let bits = if units < 0 { !units } else { units };
    (128 - bits.leading_zeros() as usize) / 8 + 1
}

/// A number: its significant digits, `count` of them, times ten to the power of `exponent`.
struct Significant {
    digits: i128,
    count: i64,
    exponent: i64,
}

impl Significant {
    /// Digits beyond the most that a decimal can have are counted but not kept.
    fn read(text: &[u8]) -> Significant {
        let (mantissa, power) = split_power(text);
        let (mut digits, mut count, mut zeros, mut places) = (0i128, 0i64, 0i64, 0i64);
        let mut is_after_point = false;
        for byte in mantissa {
            match byte {
                b'.' => is_after_point = true,
                b'0'..=b'9' => places += i64::from(is_after_point),
                _ => {}
            }
            match byte {
                b'0' => zeros += i64::from(count > 0),
                b'1'..=b'9' => {
                    count += zeros + 1;
                    if count <= MOST_DIGITS {
                        let moved = digits * 10i128.pow(zeros as u32 + 1);
                        digits = moved + i128::from(byte - b'0');
                    }
                    zeros = 0;
                }
                _ => {}
            }
        }
        let exponent = power.saturating_sub(places).saturating_add(zeros);
        let is_negative = text.first() == Some(&b'-');
        Significant { digits: if is_negative { -digits } else { digits }, count, exponent }
    }
}

/// Count the units of the last place; a digit beyond it is a fault, never rounded.
fn count_units<'p>(text: &[u8], decimal: &'p Decimal) -> Checked<'p, i128> {
    let number = Significant::read(text);
    if number.count == 0 {
        return Ok(0);
    }
    let scale = i64::from(decimal.scale);
    let before = i64::from(decimal.precision) - scale;
    if number.exponent.saturating_add(number.count - 1) >= before {
        let detail = Detail::Count("more than ", before, " digits before the point");
        return Err(Fault { reason: Reason::OutOfRange, detail });
    }
    if number.exponent + scale < 0 {
        let detail = Detail::Count("more than ", scale, " digits after the point");
        return Err(Fault { reason: Reason::OutOfRange, detail });
    }
    Ok(number.digits * 10i128.pow((number.exponent + scale) as u32))
}

/// A number's digits, and its power of ten.
fn split_power(text: &[u8]) -> (&[u8], i64) {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return (text, 0);
    };
    let power = &text[at + 1..];
    let digits = power.iter().filter(|byte| byte.is_ascii_digit());
    let size = digits
        .fold(0i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    (&text[..at], if power.first() == Some(&b'-') { -size } else { size })
}
