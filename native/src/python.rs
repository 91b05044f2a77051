//! The interface for Python: a plan, made once per contract, that encodes batches.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use regex::Regex;

use crate::batch::{Event, encode};
use crate::decimals::MOST_DIGITS;
use crate::fault::{CODES, Rejection};
use crate::plan::{
    Bound as PlanBound, Bounds, DEEPEST, Decimal, Enum, Field, Floating, Integer, Pattern, Record,
    Text, Timestamp, Type, Union,
};

/// Judges and encodes events of one contract.
#[pyclass(frozen, module = "landfall_native")]
struct Plan {
    record: Type,
    block_bytes: usize,
}

type Blocks<'py> = Vec<(usize, Bound<'py, PyBytes>)>;

/// In columns: the events' indices, one byte per reason (its index in `REASONS`), paths, details.
type Rejections<'py> = (Vec<usize>, Bound<'py, PyBytes>, Vec<String>, Vec<String>);

#[pymethods]
impl Plan {
    /// Make a plan from nested tuples; raises ValueError if this core cannot do the contract.
    #[new]
    fn new(record: &Bound<'_, PyTuple>, block_bytes: usize) -> PyResult<Plan> {
        match read_type(record, 0)? {
            record @ Type::Record(_) => Ok(Plan { record, block_bytes }),
            _ => Err(refused("a contract is a record")),
        }
    }

    /// Encode a batch. `avro` has one byte per body, 1 if it is Avro and not JSON; `enqueued` are
    /// timedeltas since 1970. `origin` follows each record, then its sequence number and time.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        bodies: Vec<Bound<'py, PyBytes>>,
        avro: &[u8],
        sequence_numbers: Vec<i64>,
        enqueued: Vec<Bound<'py, PyAny>>,
        origin: &[u8],
    ) -> PyResult<(Blocks<'py>, Rejections<'py>)> {
        let count = bodies.len();
        if [avro.len(), sequence_numbers.len(), enqueued.len()] != [count; 3] {
            return Err(refused("as many of each are needed as there are bodies"));
        }
        let slices: Vec<&[u8]> = bodies.iter().map(|body| body.as_bytes()).collect();
        let enqueued: Vec<i64> = enqueued.iter().map(micros).collect::<PyResult<_>>()?;
        let encoded = py.detach(|| {
            let numbers = sequence_numbers.iter().zip(&enqueued);
            let events =
                slices.iter().zip(avro).zip(numbers).map(|((body, is_avro), numbers)| Event {
                    body,
                    is_avro: *is_avro != 0,
                    sequence_number: *numbers.0,
                    enqueued_micros: *numbers.1,
                });
            encode(&self.record, events, origin, self.block_bytes)
        });
        let blocks = encoded.blocks.iter();
        let blocks = blocks.map(|block| (block.count, PyBytes::new(py, &block.data))).collect();
        Ok((blocks, columns(py, encoded.rejections)))
    }
}

/// Columns, because a tuple per rejection would be one more object to create and to collect.
fn columns(py: Python<'_>, rejections: Vec<(usize, Rejection)>) -> Rejections<'_> {
    let count = rejections.len();
    let (mut indices, mut reasons) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (mut paths, mut details) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (index, rejection) in rejections {
        indices.push(index);
        reasons.push(rejection.reason as u8);
        paths.push(rejection.path);
        details.push(rejection.detail);
    }
    (indices, PyBytes::new(py, &reasons), paths, details)
}

/// A timedelta in microseconds; saturates, because Python's longest timedelta is longer.
fn micros(elapsed: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = elapsed.py();
    let days: i64 = elapsed.getattr(intern!(py, "days"))?.extract()?;
    let seconds: i64 = elapsed.getattr(intern!(py, "seconds"))?.extract()?;
    let microseconds: i64 = elapsed.getattr(intern!(py, "microseconds"))?.extract()?;
    let seconds = days.saturating_mul(86_400).saturating_add(seconds);
    Ok(seconds.saturating_mul(1_000_000).saturating_add(microseconds))
}

fn refused(problem: &str) -> PyErr {
    PyValueError::new_err(problem.to_string())
}

fn part<'py, T: FromPyObjectOwned<'py>>(plan: &Bound<'py, PyTuple>, index: usize) -> PyResult<T> {
    plan.get_item(index)?.extract().map_err(Into::into)
}

fn read_type(plan: &Bound<'_, PyTuple>, depth: usize) -> PyResult<Type> {
    let inner = |index: usize| read_type(&part(plan, index)?, depth + 1).map(Box::new);
    let kind: String = part(plan, 0)?;
    if depth > DEEPEST {
        return Err(refused("its types nest too deep"));
    }
    Ok(match kind.as_str() {
        "null" => Type::Null,
        "boolean" => Type::Boolean,
        "int" | "long" => Type::Integer(Integer {
            is_int32: kind == "int",
            bounds: read_bounds(&part(plan, 1)?)?,
        }),
        "float" | "double" => Type::Floating(Floating {
            is_single: kind == "float",
            bounds: read_bounds(&part(plan, 1)?)?,
        }),
        "string" => Type::Text(Text {
            min_length: part(plan, 1)?,
            max_length: part(plan, 2)?,
            pattern: part::<Option<(String, String)>>(plan, 3)?.map(read_pattern).transpose()?,
        }),
        "uuid" => Type::Uuid,
        "bytes" => Type::Bytes,
        "date" => Type::Date,
        "time" => Type::Time(read_unit(plan)?),
        "timestamp" => {
            Type::Timestamp(Timestamp { unit: read_unit(plan)?, has_offset: part(plan, 2)? })
        }
        "fixed" => Type::Fixed(part(plan, 1)?),
        "uuid_bytes" => Type::UuidBytes,
        "decimal" => Type::Decimal(read_decimal(plan)?),
        "enum" => Type::Enum(Enum::new(part(plan, 1)?)),
        "array" => Type::Array(inner(1)?),
        "map" => Type::Map(inner(1)?),
        "union" => Type::Union(read_union(plan, depth)?),
        "record" => Type::Record(read_record(&part(plan, 1)?, depth)?),
        _ => return Err(refused(&format!("it has no type {kind}"))),
    })
}

fn read_unit(plan: &Bound<'_, PyTuple>) -> PyResult<i64> {
    match part(plan, 1)? {
        unit @ (1 | 1000) => Ok(unit),
        _ => Err(refused("a unit is of 1 or 1000 microseconds")),
    }
}

fn read_bounds<'py, T: FromPyObjectOwned<'py>>(plan: &Bound<'py, PyTuple>) -> PyResult<Bounds<T>> {
    let bound = |index: usize| -> PyResult<Option<PlanBound<T>>> {
        let Some(bound) = part::<Option<Bound<'py, PyTuple>>>(plan, index)? else {
            return Ok(None);
        };
        Ok(Some(PlanBound { value: part(&bound, 0)?, text: part(&bound, 1)? }))
    };
    Ok(Bounds {
        minimum: bound(0)?,
        maximum: bound(1)?,
        exclusive_minimum: bound(2)?,
        exclusive_maximum: bound(3)?,
    })
}

fn read_pattern((text, translated): (String, String)) -> PyResult<Pattern> {
    match Regex::new(&translated) {
        Ok(regex) => Ok(Pattern { text, regex }),
        Err(error) => Err(refused(&format!("pattern {text}: {error}"))),
    }
}

fn read_decimal(plan: &Bound<'_, PyTuple>) -> PyResult<Decimal> {
    let (precision, scale): (u32, u32) = (part(plan, 2)?, part(plan, 3)?);
    if i64::from(precision) > MOST_DIGITS || scale > precision {
        return Err(refused("a decimal has 38 digits at most"));
    }
    Ok(Decimal { size: part(plan, 1)?, precision, scale, bounds: read_bounds(&part(plan, 4)?)? })
}

fn read_union(plan: &Bound<'_, PyTuple>, depth: usize) -> PyResult<Union> {
    let branches: Vec<Bound<'_, PyTuple>> = part(plan, 1)?;
    let branches: Vec<Type> =
        branches.iter().map(|branch| read_type(branch, depth)).collect::<PyResult<_>>()?;
    let null = branches.iter().position(|branch| matches!(branch, Type::Null));
    let beside_null = match (null, branches.len()) {
        (Some(null), 2) => Some((null, 1 - null)),
        _ => None,
    };
    Ok(Union { branches, listed: part(plan, 2)?, beside_null })
}

fn read_record(fields: &Bound<'_, PyTuple>, depth: usize) -> PyResult<Record> {
    let read = |field: Bound<'_, PyAny>| -> PyResult<Field> {
        let field = field.cast_into::<PyTuple>()?;
        let names: Vec<String> = part(&field, 0)?;
        if names.is_empty() {
            return Err(refused("a field has a name"));
        }
        let value = read_type(&part(&field, 1)?, depth + 1)?;
        Ok(Field::new(names, value, part(&field, 2)?))
    };
    Ok(Record::new(fields.iter().map(read).collect::<PyResult<_>>()?))
}

/// The native core.
#[pymodule]
mod landfall_native {
    use super::CODES;
    #[pymodule_export]
    use super::Plan;

    // The name is Python's.
    #[allow(non_upper_case_globals)]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    const REASONS: [&str; CODES.len()] = CODES;
}
