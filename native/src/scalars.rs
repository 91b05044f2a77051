//! Values without parts: checked against their type and rules, then written.

use crate::base64;
use crate::fault::{Checked, Detail, Fault, Reason, Shown, refuse};
use crate::json_text::Chars;
use crate::numbers::Number;
use crate::plan::{Bounds, Floating, Integer, Text};
use crate::wire::{put_bytes, put_long};

const SINGLE_MAX: f64 = f32::MAX as f64;
pub const UUID_BYTES: usize = 16;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

#[inline]
pub fn check_bounds<'p, T: PartialOrd + Copy>(
    value: T,
    bounds: &'p Bounds<T>,
    show: impl FnOnce() -> Shown,
) -> Checked<'p> {
    let (reason, relation, bound) = match bounds {
        Bounds { minimum: Some(bound), .. } if value < bound.value => {
            (Reason::RuleMinimum, " is below the minimum ", bound)
        }
        Bounds { maximum: Some(bound), .. } if value > bound.value => {
            (Reason::RuleMaximum, " is above the maximum ", bound)
        }
        Bounds { exclusive_minimum: Some(bound), .. } if value <= bound.value => {
            (Reason::RuleExclusiveMinimum, " is not above ", bound)
        }
        Bounds { exclusive_maximum: Some(bound), .. } if value >= bound.value => {
            (Reason::RuleExclusiveMaximum, " is not below ", bound)
        }
        _ => return Ok(()),
    };
    Err(Fault { reason, detail: Detail::Bound(show(), relation, &bound.text) })
}

/// Check an integer; None is an integer that 64 bits cannot hold.
#[inline]
pub fn check_integer(value: Option<i64>, rules: &Integer) -> Checked<'_, i64> {
    let held = value.filter(|&value| !rules.is_int32 || i32::try_from(value).is_ok());
    let Some(value) = held else {
        return refuse(
            Reason::OutOfRange,
            if rules.is_int32 {
                "outside -2147483648 to 2147483647"
            } else {
                "outside -9223372036854775808 to 9223372036854775807"
            },
        );
    };
    check_bounds(i128::from(value), &rules.bounds, || Shown::Integer(value))?;
    Ok(value)
}

#[inline]
pub fn check_floating(value: f64, rules: &Floating) -> Checked<'_> {
    if !value.is_finite() {
        return refuse(Reason::NotFinite, "NaN or infinity");
    }
    if rules.is_single && value.abs() > SINGLE_MAX {
        return refuse(Reason::OutOfRange, "outside what a 32-bit float holds");
    }
    check_bounds(value, &rules.bounds, || Shown::Float(value))
}

#[inline]
pub fn put_floating<'p>(value: f64, rules: &'p Floating, out: &mut Vec<u8>) -> Checked<'p> {
    check_floating(value, rules)?;
    if rules.is_single {
        out.extend_from_slice(&(value as f32).to_le_bytes());
    } else {
        out.extend_from_slice(&value.to_le_bytes());
    }
    Ok(())
}

#[inline]
pub fn put_integer<'p>(number: &Number<'_>, rules: &'p Integer, out: &mut Vec<u8>) -> Checked<'p> {
    put_long(check_integer(number.long(), rules)?, out);
    Ok(())
}

/// A text that is UTF-8.
#[inline]
pub fn check_text<'p>(text: &[u8], rules: &'p Text) -> Checked<'p> {
    if rules.min_length.is_some() || rules.max_length.is_some() {
        check_length(text, rules)?;
    }
    match &rules.pattern {
        Some(pattern)
            if !std::str::from_utf8(text).is_ok_and(|text| pattern.regex.is_match(text)) =>
        {
            let detail = Detail::Of("does not match ", &pattern.text);
            Err(Fault { reason: Reason::RulePattern, detail })
        }
        _ => Ok(()),
    }
}

fn check_length<'p>(text: &[u8], rules: &'p Text) -> Checked<'p> {
    let length = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    let fault = |reason, between, limit: usize| {
        let detail = Detail::Counts("", length as i64, between, limit as i64, "");
        Err(Fault { reason, detail })
    };
    match (rules.min_length, rules.max_length) {
        (Some(least), _) if length < least => {
            fault(Reason::RuleMinLength, " characters, at least ", least)
        }
        (_, Some(most)) if length > most => {
            fault(Reason::RuleMaxLength, " characters, at most ", most)
        }
        _ => Ok(()),
    }
}

#[inline]
pub fn check_utf8<'p>(chars: Chars<'_>) -> Checked<'p> {
    if chars.has_surrogate {
        return refuse(Reason::InvalidUtf8, "a lone surrogate cannot be encoded");
    }
    Ok(())
}

#[inline]
pub fn put_text<'p>(chars: Chars<'_>, rules: &'p Text, out: &mut Vec<u8>) -> Checked<'p> {
    check_utf8(chars)?;
    check_text(chars.bytes, rules)?;
    put_bytes(chars.bytes, out);
    Ok(())
}

#[inline]
pub fn put_uuid<'p>(chars: Chars<'_>, out: &mut Vec<u8>) -> Checked<'p> {
    check_utf8(chars)?;
    check_uuid(chars.bytes)?;
    put_bytes(chars.bytes, out);
    Ok(())
}

#[inline]
pub fn check_uuid<'p>(text: &[u8]) -> Checked<'p> {
    let is_uuid = <&[u8; 36]>::try_from(text).is_ok_and(|text| {
        let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
        digits == 32 && HYPHENS.iter().all(|&at| text[at] == b'-')
    });
    if is_uuid {
        Ok(())
    } else {
        refuse(Reason::BadUuid, "not 32 hexadecimal digits as 8-4-4-4-12")
    }
}

pub fn put_uuid_bytes<'p>(text: &[u8], out: &mut Vec<u8>) -> Checked<'p> {
    check_uuid(text)?;
    let mut digits = text.iter().filter_map(|&byte| char::from(byte).to_digit(16));
    while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
        out.push((high << 4 | low) as u8);
    }
    Ok(())
}

/// Write bytes, which JSON holds as base64.
pub fn put_base64<'p>(chars: Chars<'_>, out: &mut Vec<u8>) -> Checked<'p> {
    put_long(base64::decoded_len(chars.bytes).unwrap_or(0) as i64, out);
    decode_base64(chars, out)
}

pub fn put_fixed<'p>(chars: Chars<'_>, size: usize, out: &mut Vec<u8>) -> Checked<'p> {
    let start = out.len();
    decode_base64(chars, out)?;
    let length = out.len() - start;
    if length == size {
        return Ok(());
    }
    let detail = Detail::Counts("", length as i64, " bytes, not ", size as i64, "");
    Err(Fault { reason: Reason::OutOfRange, detail })
}

fn decode_base64<'p>(chars: Chars<'_>, out: &mut Vec<u8>) -> Checked<'p> {
    if base64::decode(chars.bytes, out) {
        return Ok(());
    }
    refuse(Reason::BadBase64, "not base64 (RFC 4648, section 4)")
}
