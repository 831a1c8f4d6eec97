//! Input changed at random, given to a reader.

#![allow(dead_code, reason = "each test program uses its part")]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// Numbers at which readers stumble, as text and as bytes.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1e999",
    "-0.0",
    "1e-320",
    "NaN",
    "null",
    "18446744073709551616",
    "9007199254740993",
    "2147483648",
    "1e308",
    "[]",
    "{}",
    "\"\"",
];
const BYTES: [u8; 8] = [0x00, 0x01, 0x7f, 0x80, 0xff, b'0', b'"', b'['];

fn below(random: &mut ChaCha8Rng, count: usize) -> usize {
    if count == 0 { 0 } else { random.next_u64() as usize % count }
}

/// Some changes: bits, bytes, pieces taken out, doubled, moved, cut off, and in texts whole numbers.
fn changed(seed: &[u8], random: &mut ChaCha8Rng, is_text: bool) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..1 + below(random, 6) {
        let at = below(random, input.len());
        let magnitude = below(random, 10);
        let length = 1 + below(random, 1 << magnitude);
        let end = (at + length).min(input.len());
        match below(random, 8) {
            0 | 1 if !input.is_empty() => input[at] ^= 1 << below(random, 8),
            2 if !input.is_empty() => input[at] = BYTES[below(random, BYTES.len())],
            3 => drop(input.drain(at..end)),
            4 => {
                let piece = input[at..end].to_vec();
                let to = below(random, input.len());
                drop(input.splice(to..to, piece));
            }
            5 if end - at >= 4 => {
                let number = [0, 1, 0x7fff_ffff, u32::MAX, 0x0001_0000][below(random, 5)].to_be_bytes();
                input[at..at + 4].copy_from_slice(&number);
            }
            6 if below(random, 8) == 0 => input.truncate(at),
            _ if is_text => {
                // The next number becomes another one.
                let is_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let Some(begin) = input[at..].iter().position(u8::is_ascii_digit).map(|skip| at + skip) else {
                    continue;
                };
                let end = input[begin..].iter().position(|byte| !is_number(byte)).map_or(input.len(), |n| begin + n);
                drop(input.splice(begin..end, NUMBERS[below(random, NUMBERS.len())].bytes()));
            }
            _ => {}
        }
    }
    input
}

/// Processor time that this thread has taken; where the system does not tell, time since it was asked first.
fn time_taken() -> Duration {
    static SINCE: OnceLock<Instant> = OnceLock::new();
    let since = *SINCE.get_or_init(Instant::now);
    // The first number is nanoseconds on a processor: proc_pid_schedstat(5).
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// Gives changed seeds to the reader, so many or as many as there is processor time for, and reports what it accepted.
pub fn fuzz(name: &str, short: u64, seeds: &[Vec<u8>], is_text: bool, mut accepts: impl FnMut(&[u8]) -> bool) {
    for seed in seeds {
        assert!(accepts(seed), "{name}: the seed itself is accepted");
    }
    let budget = number_in("SCALP_STUDIO_FUZZ_S").map(Duration::from_secs);
    let first = number_in("SCALP_STUDIO_FUZZ_FROM").unwrap_or(0);
    let since = time_taken();
    let taken = || time_taken().saturating_sub(since);
    let (mut inputs, mut accepted, mut slowest, mut told) = (0, 0, Duration::ZERO, 0);
    while budget.map_or(inputs < short, |budget| taken() < budget) {
        let number = first + inputs;
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let input = changed(&seeds[below(&mut random, seeds.len())], &mut random, is_text);
        let begun = time_taken();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| accepts(&input)));
        let took = time_taken().saturating_sub(begun);
        if took > slowest {
            slowest = took;
            if took > Duration::from_secs(1) {
                println!("{name}: input {number} took {} ms", took.as_millis());
            }
        }
        match outcome {
            Ok(yes) => accepted += u64::from(yes),
            Err(_) => {
                let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz {name} {number}"));
                std::fs::write(&path, &input).unwrap();
                panic!("{name}: input {number} breaks the reader; it is in {}", path.display());
            }
        }
        inputs += 1;
        // A long run that is stopped has told how far it got.
        if budget.is_some() && taken().as_secs() / 60 > told {
            told = taken().as_secs() / 60;
            println!("{name}: {told} min, {inputs} inputs, {accepted} accepted");
        }
    }
    let (spent, slowest) = (taken().as_secs(), slowest.as_millis());
    println!("{name}: {inputs} inputs in {spent} s, {accepted} accepted, the slowest took {slowest} ms");
}
