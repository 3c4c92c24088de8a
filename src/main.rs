//! The executable; all code is in the library.

/// The allocator: it returns the memory of a large report to the system afterwards, which the system's own
/// allocator does not.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    clickstead::main()
}
