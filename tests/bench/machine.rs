//! Which machine a benchmark ran on.

use std::fs;

/// Prints it in one line.
pub fn print() {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("unknown")
        .trim_start_matches([':', ' ', '\t']);
    let cores = std::thread::available_parallelism().unwrap();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    println!("machine: {model}, {cores} cores, Linux {}", kernel.trim());
}
