//! The filter in a file: 64 bytes of header, then the prints, 16 bits each; all numbers little-endian.
//!
//! Header: `GATEFUS1`, entries (8 bytes), seed (8), segment length (4), segment count (4), and the SHA-256 (32) of
//! everything else.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, BufWriter, Read as _, Write as _},
    os::unix::fs::FileExt as _,
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::fuse::{Fuse, Shape};

const MAGIC: &[u8; 8] = b"GATEFUS1";
const SUMMED: usize = 32;
const HEADER: usize = 64;
const READ: usize = 1 << 20;

/// Why a file is no filter.
#[derive(Debug, thiserror::Error)]
pub enum UnusableFilter {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It was made by something else.
    #[error("it is no filter of breached passwords, or one of another version")]
    Foreign,
    /// It is shorter or longer than it says.
    #[error("it has {found} bytes instead of {expected}; it was not copied whole")]
    Length {
        /// How many it has.
        found: u64,
        /// How many it says it has.
        expected: u64,
    },
    /// Its checksum is another one.
    #[error("it was damaged: its checksum does not fit")]
    Damaged,
    /// More than can be numbered, or a list from which no filter can be made.
    #[error("the list is too long for one filter")]
    TooLong,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Of how many passwords.
    pub entries: u64,
    /// How large.
    pub bytes: u64,
}

/// A filter that can be asked.
pub(super) struct Filter {
    header: Header,
    prints: Prints,
}

enum Prints {
    Inside(&'static [u8]),
    File(File),
}

#[derive(Clone, Copy, Debug)]
struct Header {
    shape: Shape,
    entries: u64,
    sum: [u8; 32],
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").field("entries", &self.header.entries).finish_non_exhaustive()
    }
}

impl Header {
    fn of(fuse: &Fuse) -> Self {
        Self { shape: fuse.shape, entries: fuse.entries, sum: [0; 32] }
    }

    fn summed(&self) -> Vec<u8> {
        [
            MAGIC.as_slice(),
            &self.entries.to_le_bytes(),
            &self.shape.seed.to_le_bytes(),
            &self.shape.segment_length.to_le_bytes(),
            &self.shape.segment_count.to_le_bytes(),
        ]
        .concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (entries, rest) = rest.split_first_chunk()?;
        let (seed, rest) = rest.split_first_chunk()?;
        let (segment_length, rest) = rest.split_first_chunk()?;
        let (segment_count, rest) = rest.split_first_chunk()?;
        let shape = Shape {
            seed: u64::from_le_bytes(*seed),
            segment_length: u32::from_le_bytes(*segment_length),
            segment_count: u32::from_le_bytes(*segment_count),
        };
        shape.slots()?;
        Some(Self { shape, entries: u64::from_le_bytes(*entries), sum: *rest.first_chunk()? })
    }

    /// How long the whole file is.
    fn length(&self) -> u64 {
        HEADER as u64 + u64::from(self.shape.slots().unwrap_or(0)) * 2
    }
}

impl Filter {
    /// A filter inside the program; nothing when it is none, which a test refuses.
    pub(super) fn inside(bytes: &'static [u8]) -> Option<Self> {
        let (header, prints) = bytes.split_at_checked(HEADER)?;
        Some(Self { header: Header::read(header)?, prints: Prints::Inside(prints) })
    }

    /// Opens a file and reads all of it once.
    pub(super) fn open(path: &Path) -> Result<Self, UnusableFilter> {
        let file = File::open(path)?;
        let mut head = Vec::with_capacity(HEADER);
        (&file).take(HEADER as u64).read_to_end(&mut head)?;
        let header = Header::read(&head).ok_or(UnusableFilter::Foreign)?;
        let (found, expected) = (file.metadata()?.len(), header.length());
        if found != expected {
            return Err(UnusableFilter::Length { found, expected });
        }
        let mut sum = Sha256::new_with_prefix(header.summed());
        let mut rest = BufReader::with_capacity(READ, &file);
        let mut part = vec![0; READ];
        loop {
            match rest.read(&mut part)? {
                0 => break,
                read => sum.update(part.get(..read).unwrap_or_default()),
            }
        }
        if sum.finalize()[..] != header.sum[..] {
            return Err(UnusableFilter::Damaged);
        }
        Ok(Self { header, prints: Prints::File(file) })
    }

    pub(super) fn entries(&self) -> u64 {
        self.header.entries
    }

    /// Whether a key is in it, or looks like it.
    pub(super) fn contains(&self, key: u64) -> io::Result<bool> {
        if self.header.entries == 0 {
            return Ok(false);
        }
        let places = self.header.shape.places_of_key(key);
        let mut print = places.print;
        for slot in places.slots {
            print ^= self.print(slot)?;
        }
        Ok(print == 0)
    }

    fn print(&self, slot: u32) -> io::Result<u16> {
        let mut bytes = [0; 2];
        match &self.prints {
            Prints::Inside(prints) => {
                let at = slot as usize * 2;
                let found = prints.get(at..at + 2).ok_or(io::ErrorKind::UnexpectedEof)?;
                bytes.copy_from_slice(found);
            }
            Prints::File(file) => file.read_exact_at(&mut bytes, HEADER as u64 + u64::from(slot) * 2)?,
        }
        Ok(u16::from_le_bytes(bytes))
    }
}

/// Makes a filter of these keys and puts it in place of the file in one step, so that nobody reads half of it.
///
/// # Errors
/// [`UnusableFilter`].
pub fn write(keys: Vec<u64>, path: &Path) -> Result<Written, UnusableFilter> {
    let fuse = Fuse::build(keys).ok_or(UnusableFilter::TooLong)?;
    let header = Header::of(&fuse);
    let mut sum = Sha256::new_with_prefix(header.summed());
    fuse.prints.iter().for_each(|print| sum.update(print.to_le_bytes()));
    let mut draft = path.as_os_str().to_owned();
    draft.push(".draft");
    let mut file = BufWriter::new(File::create(&draft)?);
    file.write_all(&header.summed())?;
    file.write_all(&sum.finalize()[..])?;
    for print in &fuse.prints {
        file.write_all(&print.to_le_bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&draft, path)?;
    Ok(Written { entries: fuse.entries, bytes: header.length() })
}

const _: () = assert!(HEADER == 8 + 8 + 8 + 4 + 4 + SUMMED, "the header is as long as its parts");
