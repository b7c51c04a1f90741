//! Why a picture is refused.

/// The reason why an uploaded picture is refused. The messages are shown to staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedUpload {
    /// The file is larger than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error(
        "The file is too large. Save the picture smaller, with at most 30 MB, and send it again."
    )]
    TooLarge,
    /// It takes more than `MAX_MEMORY` to process.
    #[error(
        "The picture has too many pixels: it would take more than 200 MB of memory. Save it with at most 8,000 by 8,000 \
         pixels and 8 bits a channel, not progressive, and send it again."
    )]
    TooManyPixels,
    /// It is an SVG drawing, which can contain scripts.
    #[error("Drawings (SVG) can carry programs, and are not taken. Save it as PNG, and send that.")]
    Svg,
    /// It is an SVG drawing that is broken, or too complicated.
    #[error(
        "This drawing (SVG) cannot be read. Export it again as a plain SVG in UTF-8, or as PNG, and send that."
    )]
    BrokenDrawing,
    /// It is an SVG drawing without a size.
    #[error("This drawing (SVG) has no size. Export it with a viewBox, and send that.")]
    DrawingSize,
    /// It is an SVG drawing that is too large.
    #[error(
        "This drawing (SVG) is larger than 200 KB. Simplify it, or save it as PNG, and send that."
    )]
    LargeDrawing,
    /// It is in the HEIC format of some phones, which few browsers display.
    #[error("Few browsers show this format (HEIC). Save the picture as JPEG, and send that.")]
    Heic,
    /// The end of the file is missing.
    #[error(
        "The file is incomplete: a part of the picture is missing. Export or download it again, and send that."
    )]
    Incomplete,
    /// It is not a picture, or the file is broken.
    #[error(
        "This is no picture that browsers show, or the file is broken. Send JPEG, PNG, WebP, AVIF or GIF."
    )]
    NotAPicture,
}
