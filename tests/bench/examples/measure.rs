//! The native side of `cargo xtask bench training`.
//!
//! ```text
//! measure families                         prints the families
//! measure FAMILY TRAIN.csv HELD_OUT.csv    prints "ready", then a measurement a line read
//! measure explain MODEL.tepal              the same of explanations by that model
//! ```

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use std::fs;
use std::io::stdin;

use tepal_bench::{Case, Explained, Failure, families};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [command] if command == "families" => println!("{}", families()),
        [family, train, held_out] => {
            let case = Case::new(family, &fs::read(train)?, &fs::read(held_out)?)?;
            println!("ready");
            for line in stdin().lines() {
                line?;
                println!("{}", case.measure(&mut cpu_millis)?.to_json(peak_bytes()));
            }
        }
        [command, model] if command == "explain" => {
            let explained = Explained::new(&fs::read(model)?)?;
            println!("ready");
            for line in stdin().lines() {
                line?;
                println!("{}", explained.measure(&mut cpu_millis)?);
            }
        }
        _ => {
            let usage = "usage: measure families | FAMILY TRAIN.csv HELD_OUT.csv | explain MODEL";
            return Err(usage.into());
        }
    }
    Ok(())
}

/// CPU time of this thread, so that what else runs on the machine is not in it.
#[cfg(unix)]
fn cpu_millis() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Time since the first call, where a thread's CPU time is not to be had without unsafe code.
#[cfg(not(unix))]
fn cpu_millis() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this program is native only")]
    let start = START.get_or_init(std::time::Instant::now);
    start.elapsed().as_secs_f64() * 1e3
}

/// Linux's `VmHWM`: the most memory that was this process's own at one time.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
