//! The executable; everything is in the library.

/// Gives the memory of a large report back to the system once it is answered; the system's own allocator keeps it.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    clickstead::main()
}
