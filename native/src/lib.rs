//! Judges and encodes the events of one contract, a batch in one call.
//!
//! The reference, `shared/encoding/reference_encoder.py`, defines what is valid and which bytes
//! land; this returns the same, faster. Python turns each contract into a plan for this crate.

#![forbid(unsafe_code)]

mod avro_check;
mod avro_structure;
mod base64;
pub mod batch;
mod decimals;
pub mod fault;
mod json_check;
mod json_scratch;
mod json_stream;
mod json_tape;
mod json_text;
mod json_value;
mod numbers;
pub mod plan;
#[cfg(feature = "python")]
mod python;
mod scalars;
mod times;
mod wire;

#[cfg(test)]
mod tests;
