//! Dates and times in the forms that events use, converted to Avro's units.

use crate::fault::{Checked, Reason, refuse};
use crate::plan::Timestamp;

const EPOCH_ORDINAL: i64 = 719_163;
const LAST_ORDINAL: i64 = 3_652_059;
const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;
const SECOND: i64 = 1_000_000;
const EARLIEST: i64 = (1 - EPOCH_ORDINAL) * DAY;
const LATEST: i64 = (LAST_ORDINAL + 1 - EPOCH_ORDINAL) * DAY - 1;

/// A text, read from its beginning.
struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    #[inline]
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.0 = rest;
        Some(value)
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Year, month and day.
    #[inline]
    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.digits(4)?;
        let month = self.eat(b'-').then(|| self.digits(2))??;
        let day = self.eat(b'-').then(|| self.digits(2))??;
        Some((year, month, day))
    }

    /// Hour and minute, then second and micros if they are given.
    #[inline]
    fn clock(&mut self) -> Option<(i64, i64, i64, i64)> {
        let hour = self.digits(2)?;
        let minute = self.eat(b':').then(|| self.digits(2))??;
        if !self.eat(b':') {
            return Some((hour, minute, 0, 0));
        }
        let second = self.digits(2)?;
        let micros = if self.eat(b'.') { self.fraction()? } else { 0 };
        Some((hour, minute, second, micros))
    }

    /// One to nine digits, as micros.
    #[inline]
    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        let kept = count.min(6);
        let micros = self.digits(kept)? * 10i64.pow(6 - kept as u32);
        self.digits(count - kept)?;
        Some(micros)
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days since 1970, if the date exists.
#[inline]
fn count_days((year, month, day): (i64, i64, i64)) -> Option<i64> {
    let longest = match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if year < 1 || day < 1 || day > longest {
        return None;
    }
    // Count months from March, so a leap day is the last day of its year.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = years / 4 - years / 100 + years / 400;
    Some(years * 365 + leaps + (153 * months + 2) / 5 + day - 1 - 719_468)
}

#[inline]
pub fn parse_date<'p>(text: &[u8]) -> Checked<'p, i64> {
    let mut scanner = Scanner(text);
    let Some(date) = scanner.date().filter(|_| scanner.0.is_empty()) else {
        return refuse(Reason::BadDate, "not an ISO 8601 date");
    };
    match count_days(date) {
        Some(days) => Ok(days),
        None => refuse(Reason::BadDate, "no such day"),
    }
}

/// A number of days; None is a number that 64 bits cannot hold.
#[inline]
pub fn check_days<'p>(days: Option<i64>) -> Checked<'p, i64> {
    match days {
        Some(days) if (1 - EPOCH_ORDINAL..=LAST_ORDINAL - EPOCH_ORDINAL).contains(&days) => {
            Ok(days)
        }
        _ => refuse(Reason::BadDate, "outside the years 1 to 9999"),
    }
}

#[inline]
pub fn parse_time<'p>(text: &[u8], unit: i64) -> Checked<'p, i64> {
    let mut scanner = Scanner(text);
    match scanner.clock() {
        Some((hour @ 0..24, minute @ 0..60, second @ 0..60, micros)) if scanner.0.is_empty() => {
            Ok((((hour * 60 + minute) * 60 + second) * SECOND + micros) / unit)
        }
        _ => refuse(Reason::BadTime, "not an ISO 8601 time of day"),
    }
}

#[inline]
pub fn check_time<'p>(ticks: Option<i64>, unit: i64) -> Checked<'p, i64> {
    match ticks {
        Some(ticks) if (0..DAY / unit).contains(&ticks) => Ok(ticks),
        _ => refuse(Reason::BadTime, "not within a day"),
    }
}

#[inline]
pub fn check_timestamp<'p>(ticks: Option<i64>, rules: &Timestamp) -> Checked<'p, i64> {
    let known = EARLIEST.div_euclid(rules.unit)..=LATEST.div_euclid(rules.unit);
    match ticks {
        Some(ticks) if known.contains(&ticks) => Ok(ticks),
        _ => refuse(Reason::BadTimestamp, "outside the years 1 to 9999"),
    }
}

#[inline]
pub fn parse_timestamp<'p>(text: &[u8], rules: &Timestamp) -> Checked<'p, i64> {
    let Some((date, clock, offset)) =
        scan_timestamp(text).filter(|(.., offset)| offset.is_some() == rules.has_offset)
    else {
        return refuse(
            Reason::BadTimestamp,
            if rules.has_offset {
                "not ISO 8601 with an offset"
            } else {
                "not ISO 8601 without an offset"
            },
        );
    };
    match count_micros(date, clock, offset) {
        Some(micros) => Ok(micros.div_euclid(rules.unit)),
        None => refuse(Reason::BadTimestamp, "no such time"),
    }
}

type Date = (i64, i64, i64);
type Clock = (i64, i64, i64, i64);

/// An offset east or west of Greenwich, in hours and minutes.
#[derive(Clone, Copy)]
struct Offset {
    is_west: bool,
    hours: i64,
    minutes: i64,
}

#[inline]
fn scan_timestamp(text: &[u8]) -> Option<(Date, Clock, Option<Offset>)> {
    let mut scanner = Scanner(text);
    let date = scanner.date()?;
    if !(scanner.eat(b'T') || scanner.eat(b't') || scanner.eat(b' ')) {
        return None;
    }
    let clock = scanner.clock()?;
    let offset = match scanner.0 {
        [] => None,
        [b'Z' | b'z'] => Some(Offset { is_west: false, hours: 0, minutes: 0 }),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let mut scanner = Scanner(rest);
            let hours = scanner.digits(2)?;
            scanner.eat(b':');
            let minutes = scanner.digits(2).filter(|_| scanner.0.is_empty())?;
            Some(Offset { is_west: *sign == b'-', hours, minutes })
        }
        _ => return None,
    };
    Some((date, clock, offset))
}

/// Micros since 1970, if the date exists.
#[inline]
fn count_micros(date: Date, clock: Clock, offset: Option<Offset>) -> Option<i64> {
    let (0..24, 0..60, 0..60, _) = clock else {
        return None;
    };
    let (hour, minute, second, micros) = clock;
    let minutes = match offset {
        None => 0,
        Some(Offset { is_west, hours: hours @ 0..24, minutes: minutes @ 0..60 }) => {
            let ahead = hours * 60 + minutes;
            if is_west { -ahead } else { ahead }
        }
        Some(_) => return None,
    };
    let seconds = (hour * 60 + minute) * 60 + second;
    let at = count_days(date)? * DAY + seconds * SECOND + micros - minutes * MINUTE;
    (EARLIEST..=LATEST).contains(&at).then_some(at)
}
