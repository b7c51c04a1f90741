//! How much memory uploads take, whatever is sent, and however many files wait.
//!
//! The only test of this program, because it measures the whole process.

#![allow(clippy::expect_used, clippy::panic)]

use std::{fs, io::Cursor};

use image::{ExtendedColorType, ImageEncoder, ImageFormat, codecs::png::PngEncoder};
use masthead_media::{ImportError, MAX_WAITING_BYTES, MediaLibrary, RejectedUpload, WorkOwner};

/// What all uploads together may take, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// Memory of this process: `VmRSS` now, `VmHWM` at most.
fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a line");
    let kilobytes = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") * 1024
}

/// Returns how much more memory than before `work` takes at most.
async fn peak<T>(work: impl Future<Output = T>) -> (u64, T) {
    fs::write("/proc/self/clear_refs", "5").expect("the highest value begins again");
    let before = memory("VmRSS");
    let done = work.await;
    (memory("VmHWM").saturating_sub(before), done)
}

/// A black picture of this size, as a file.
fn file(width: u32, height: u32, color: ExtendedColorType, format: ImageFormat) -> Vec<u8> {
    let row = u64::from(width) * u64::from(color.bits_per_pixel() / 8);
    let pixels = vec![0; usize::try_from(row * u64::from(height)).expect("a size")];
    let mut written = Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut written, &pixels, width, height, color, format)
        .expect("written");
    written.into_inner()
}

/// A picture with a colour profile that is small only while it is compressed.
fn with_large_profile() -> Vec<u8> {
    let mut written = Vec::new();
    let mut encoder = PngEncoder::new(&mut written);
    encoder.set_icc_profile(vec![0; 150 << 20]).expect("supported");
    encoder.write_image(&[9; 3], 1, 1, ExtendedColorType::Rgb8).expect("written");
    assert!(written.len() < 1 << 20, "{}", written.len());
    written
}

#[tokio::test]
async fn uploads_take_little_memory_whatever_is_sent() {
    use ExtendedColorType::{Rgb8, Rgba16};
    let folder = tempfile::tempdir().expect("a folder");
    let library = MediaLibrary::in_folder(folder.path()).expect("a library");
    // The first picture brings what stays in memory: tables and threads.
    library
        .upload(WorkOwner(1), file(500, 400, Rgb8, ImageFormat::Png).into())
        .await
        .expect("kept");
    let larger = file(8500, 8500, Rgb8, ImageFormat::Png);
    let (most, refused) = peak(library.upload(WorkOwner(1), larger.into())).await;
    let why = RejectedUpload::TooManyPixels;
    assert!(matches!(&refused, Err(ImportError::RejectedUpload(said)) if *said == why));
    assert!(why.to_string().contains("8,000 by 8,000 pixels"), "{why}");
    assert!(most < 64 << 20, "it was not decoded: {most}");
    let (most, kept) = peak(library.upload(WorkOwner(1), with_large_profile().into())).await;
    assert!(most < 64 << 20, "the profile was not unpacked: {most}");
    assert!(kept.is_ok(), "{kept:?}");
    let waiting = u64::try_from(MAX_WAITING_BYTES).expect("a size");
    for (width, height, color, format) in [
        // The most to decode.
        (8000, 8000, Rgb8, ImageFormat::Png),
        // The most to scale: a photograph.
        (6000, 4000, Rgb8, ImageFormat::Jpeg),
        // The most for a pixel.
        (4000, 3000, Rgba16, ImageFormat::Png),
        // The most to encode, which takes longest.
        (2400, 4800, Rgb8, ImageFormat::Jpeg),
    ] {
        let sent = file(width, height, color, format);
        let (most, kept) = peak(library.upload(WorkOwner(1), sent.into())).await;
        let what = format!("{width}x{height} {color:?} {format:?}: {} MB", most >> 20);
        println!("{what}");
        assert!(most + waiting <= MAX_MEMORY, "{what}");
        // A slow machine may give up, but not for the memory.
        assert!(matches!(kept, Ok(_) | Err(ImportError::Work(_))), "{what}: {kept:?}");
    }
}
