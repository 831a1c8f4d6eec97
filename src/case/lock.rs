//! Locked cases: the whole file is encrypted under a passphrase, including photo names and thumbnails.
//!
//! The file is a header and the encrypted database. A random key encrypts the database (XChaCha20-Poly1305 with a new
//! nonce for every write, the header as associated data). The header holds that key, encrypted with one that Argon2id
//! derives from the passphrase and a random salt. So opening costs a key derivation, and a change does not.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `ScLpLock` |
//! | 4 each | version (1), Argon2's memory in KiB, its passes, its lanes; little-endian |
//! | 16 | salt |
//! | 24, 48 | nonce of the encrypted key, and that key with its tag |
//! | 24 | nonce of the database |
//! | rest | the database with its tag |
//!
//! An open case is a database in memory; nothing of it is written anywhere in the clear. A key lives as long as its
//! case is open and is then wiped from memory; other parts of the program that open the same case meanwhile share it
//! ([`key_of`]).
//!
//! References: RFC 9106 (Argon2; the parameters are its second recommended set), draft-irtf-cfrg-xchacha.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"ScLpLock";
const VERSION: u32 = 1;
/// A version from here on is damage, not a newer program.
const FARTHEST_VERSION: u32 = 1000;
/// RFC 9106, section 4, for memory-constrained systems: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// Upper bounds, since the parameters in the header may have been forged.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 20;
const MOST_LANES: u32 = 16;

const NUMBERS: usize = 8;
const SALT: usize = NUMBERS + 16;
const KEY_NONCE: usize = SALT + 16;
const WRAPPED: usize = KEY_NONCE + 24;
const HEADER: usize = WRAPPED + 48;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The passphrase of a case. Wiped from memory when no longer needed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase as typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a passphrase")
    }
}

/// Why a locked file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The passphrase is wrong.
    WrongPassphrase,
    /// The file was altered.
    Damaged,
    /// The format is unknown, or its parameters exceed the bounds.
    Unknown,
}

/// The key of a case, and the file header that holds it encrypted.
pub struct Key {
    bytes: Zeroizing<[u8; 32]>,
    header: [u8; HEADER],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
}

/// The nonce of a file, which tells whether the file was written since.
pub(super) type Written = [u8; NONCE];

impl Key {
    /// Creates a key under this passphrase; `None` if the system provides no random numbers or too little memory. Takes
    /// some tenths of a second.
    #[must_use]
    pub fn under(passphrase: &Passphrase) -> Option<Self> {
        let mut header = [0; HEADER];
        header[..NUMBERS].copy_from_slice(MAGIC);
        for (place, number) in [VERSION, MEMORY_KIB, PASSES, LANES].into_iter().enumerate() {
            header[NUMBERS + 4 * place..NUMBERS + 4 * place + 4].copy_from_slice(&number.to_le_bytes());
        }
        SysRng.try_fill_bytes(&mut header[SALT..WRAPPED]).ok()?;
        let mut bytes = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(bytes.as_mut_slice()).ok()?;
        let cipher = cipher(&derived(&header, passphrase)?);
        let mut wrapped = Zeroizing::new(bytes.to_vec());
        let (said, nonce) = (&header[..KEY_NONCE], nonce(&header[KEY_NONCE..WRAPPED]));
        cipher.encrypt_in_place(&nonce, said, &mut *wrapped).ok()?;
        header[WRAPPED..].copy_from_slice(&wrapped);
        Some(Self { bytes, header })
    }

    /// Decrypts the key in a file's header.
    fn unwrapped(begin: &[u8], passphrase: &Passphrase) -> Result<Self, Unreadable> {
        let header: [u8; HEADER] = begin.get(..HEADER).and_then(|b| b.try_into().ok()).ok_or(Unreadable::Damaged)?;
        let [version, ..] = numbers(&header);
        let unusable =
            if (VERSION + 1..FARTHEST_VERSION).contains(&version) { Unreadable::Unknown } else { Unreadable::Damaged };
        let cipher = cipher(&derived(&header, passphrase).ok_or(unusable)?);
        let mut wrapped = Zeroizing::new(header[WRAPPED..].to_vec());
        let (said, nonce) = (&header[..KEY_NONCE], nonce(&header[KEY_NONCE..WRAPPED]));
        cipher.decrypt_in_place(&nonce, said, &mut *wrapped).map_err(|_| Unreadable::WrongPassphrase)?;
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(wrapped.get(..32).ok_or(Unreadable::Damaged)?);
        Ok(Self { bytes, header })
    }

    /// The bytes of a file containing this database.
    pub(super) fn seal(&self, database: &[u8]) -> Option<(Vec<u8>, Written)> {
        let mut written = [0; NONCE];
        SysRng.try_fill_bytes(&mut written).ok()?;
        let mut sealed = Vec::with_capacity(database.len() + TAG);
        sealed.extend_from_slice(database);
        cipher(&self.bytes).encrypt_in_place(&nonce(&written), &self.header, &mut sealed).ok()?;
        let mut file = Vec::with_capacity(HEADER + NONCE + sealed.len());
        file.extend_from_slice(&self.header);
        file.extend_from_slice(&written);
        file.extend_from_slice(&sealed);
        Some((file, written))
    }

    /// Decrypts the database in a file.
    pub(super) fn open(&self, file: &[u8]) -> Result<(Zeroizing<Vec<u8>>, Written), Unreadable> {
        let (header, rest) = file.split_at_checked(HEADER).ok_or(Unreadable::Damaged)?;
        let (written, sealed) = rest.split_at_checked(NONCE).ok_or(Unreadable::Damaged)?;
        if header != self.header {
            // Somebody has changed the passphrase.
            return Err(Unreadable::WrongPassphrase);
        }
        let mut database = Zeroizing::new(sealed.to_vec());
        let opened = cipher(&self.bytes).decrypt_in_place(&nonce(written), &self.header, &mut *database);
        opened.map_err(|_| Unreadable::Damaged)?;
        Ok((database, written.try_into().map_err(|_| Unreadable::Damaged)?))
    }
}

fn cipher(key: &Zeroizing<[u8; 32]>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&CipherKey::from(**key))
}

fn nonce(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&bytes[..NONCE]);
    XNonce::from(nonce)
}

/// The header's version, memory, passes and lanes.
fn numbers(header: &[u8; HEADER]) -> [u32; 4] {
    std::array::from_fn(|place| {
        let at = NUMBERS + 4 * place;
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    })
}

/// The key derived from passphrase and salt; `None` if the header's parameters are unacceptable.
fn derived(header: &[u8; HEADER], passphrase: &Passphrase) -> Option<Zeroizing<[u8; 32]>> {
    let [version, memory, passes, lanes] = numbers(header);
    if version != VERSION || memory > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
        return None;
    }
    let parameters = Params::new(memory, passes, lanes, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    argon.hash_password_into(passphrase.0.as_bytes(), &header[SALT..KEY_NONCE], key.as_mut_slice()).ok()?;
    Some(key)
}

/// Whether a file is a locked case.
#[must_use]
pub fn is_locked(path: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == *MAGIC
}

/// Reads a file's nonce.
pub(super) fn written(path: &Path) -> std::io::Result<Written> {
    let mut begin = [0; HEADER + NONCE];
    File::open(path)?.read_exact(&mut begin)?;
    let mut written = [0; NONCE];
    written.copy_from_slice(&begin[HEADER..]);
    Ok(written)
}

/// The keys of open cases.
static OPEN: Mutex<Vec<(PathBuf, Weak<Key>)>> = Mutex::new(Vec::new());
/// The passphrase given on the command line.
static OFFERED: Mutex<Option<Passphrase>> = Mutex::new(None);

/// Sets the passphrase to try when a case needs one; `None`: no passphrase.
pub fn offer(passphrase: Option<Passphrase>) {
    *OFFERED.lock().unwrap_or_else(PoisonError::into_inner) = passphrase;
}

/// The key of a case that is already open.
pub(super) fn key_of(path: &Path) -> Option<Arc<Key>> {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.iter().find(|(known, _)| known == path).and_then(|(_, key)| key.upgrade())
}

/// Remembers the key of a case being opened.
pub(super) fn keep(path: &Path, key: &Arc<Key>) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|(known, key)| known != path && key.strong_count() > 0);
    open.push((path.to_owned(), Arc::downgrade(key)));
}

/// The key of a file: from an open case, from the passphrase given, or from the one offered; `None` if there is no
/// passphrase at all.
pub(super) fn find(path: &Path, file: &[u8], given: Option<&Passphrase>) -> Result<Option<Arc<Key>>, Unreadable> {
    if given.is_none()
        && let Some(key) = key_of(path)
    {
        return Ok(Some(key));
    }
    let offered = OFFERED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match given.or(offered.as_ref()) {
        Some(passphrase) => Key::unwrapped(file, passphrase).map(|key| Some(Arc::new(key))),
        None => Ok(None),
    }
}
