//! Returning memory to the system.

use std::{hint, io, thread};

/// Lets the allocator return to the system what was freed a second ago or earlier. It does so when a thread ends that has
/// allocated something, and hardly ever otherwise: a server that has become quiet would keep the memory of its busiest moment.
pub(super) fn return_freed_memory() -> io::Result<()> {
    let thread = thread::Builder::new().name("memory".to_owned());
    thread.spawn(|| drop(hint::black_box(Box::new(0)))).map(drop)
}

#[cfg(test)]
mod tests {
    use std::{
        fs, hint,
        time::{Duration, Instant},
    };

    use super::*;

    const MEGABYTE: usize = 1024 * 1024;

    /// The resident memory of this process, in MB.
    fn resident() -> usize {
        let pages = fs::read_to_string("/proc/self/statm").expect("the system's figures");
        let pages: usize = pages.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("a number");
        pages * 4096 / MEGABYTE
    }

    #[test]
    fn freed_memory_returns_to_the_system_though_nothing_else_happens() {
        let texts: Vec<String> = (0..800_000).map(|number| number.to_string().repeat(40)).collect();
        drop(hint::black_box(texts));
        let (before, begun) = (resident(), Instant::now());
        while resident() + 100 > before {
            assert!(begun.elapsed() < Duration::from_secs(30), "{before} MB stay");
            return_freed_memory().expect("a thread");
            thread::sleep(Duration::from_millis(500));
        }
    }
}
