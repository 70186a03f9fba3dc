//! Tables as `.npy`, the array format of NumPy.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, anyhow, bail, ensure};
use npyz::{AutoSerialize, DType, Deserialize, NpyFile, NpyHeader, Order, WriteOptions, WriterBuilder};

use crate::table::rows::{Number, Table, Values, shown};

/// The first bytes of every `.npy` file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The largest number of bytes in a head; NumPy itself reads heads of 10 000.
const MOST_OF_HEAD: usize = 1 << 16;
/// The largest depth of nested brackets in a head.
const MOST_OPEN: usize = 16;

/// Reads as many bytes as the magic string has, or all if there are fewer.
pub(super) fn begin(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    from.take(MAGIC.len() as u64).read_to_end(&mut begin)?;
    Ok(begin)
}

/// Reads an array of one or two dimensions, little-endian and in C order, of `f4`, `f8` or integers. The input may be a
/// pipe of unknown length, so memory is allocated as numbers arrive.
pub(super) fn read<T: Number>(name: &str, mut from: impl Read) -> Result<Table<T>> {
    let head = read_head(&mut from).with_context(|| format!("{name}: the head of the .npy file cannot be read"))?;
    let (dtype, shape) = (head.dtype(), head.shape().to_vec());
    let (rows, columns) = match *shape.as_slice() {
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => bail!("{name}: an array of {} dimensions, it must have one or two; reshape it", shape.len()),
    };
    ensure!(rows > 0 && columns > 0, "{name}: {rows} rows of {columns}, there must be at least one of each");
    ensure!(
        head.order() == Order::C || rows == 1 || columns == 1,
        "{name}: in Fortran order, it must be in C order; save `numpy.ascontiguousarray(x)`"
    );
    let text = shown(dtype.descr().as_bytes());
    let refused = || {
        anyhow!(
            "{name}: dtype {text}, it must be '<f4', '<f8', '<u4' or another little-endian integer; save `x.astype('<f4')`"
        )
    };
    let bytes = dtype.num_bytes().ok_or_else(refused)? as u64;
    let count = rows.checked_mul(columns).filter(|n| n.checked_mul(bytes).is_some_and(|n| n <= isize::MAX as u64));
    let count = count.with_context(|| format!("{name}: {rows} rows of {columns} are more than any machine holds"))?;
    let place = |index: u64| format!("row {}, column {}", index / columns, index % columns);
    let file = NpyFile::with_header(head, &mut from);
    let values = match plain(&dtype).as_deref() {
        Some("<f4") => numbers(file, |x: f32| x.into()),
        Some("<f8") => numbers(file, |x: f64| x),
        Some("<u4") => numbers(file, |x: u32| x.into()),
        Some("<i4") => numbers(file, |x: i32| x.into()),
        // Beyond 2^53 the conversion is not exact, but such a number is not a valid class.
        Some("<u8") => numbers(file, |x: u64| x as f64),
        Some("<i8") => numbers(file, |x: i64| x as f64),
        Some("<u2") => numbers(file, |x: u16| x.into()),
        Some("<i2") => numbers(file, |x: i16| x.into()),
        Some("|u1") => numbers(file, |x: u8| x.into()),
        Some("|i1") => numbers(file, |x: i8| x.into()),
        _ => return Err(refused()),
    };
    let values = values.map_err(|stopped| match stopped {
        Stopped::Refused(index, x) => anyhow!("{name}: {}: {x} is not {}", place(index), T::WANTED),
        Stopped::Read(whole, error) if error.kind() == io::ErrorKind::UnexpectedEof => anyhow!(
            "{name}: the file ends before {}, after {whole} of {count} numbers; it was cut off, write it again",
            place(whole)
        ),
        Stopped::Read(_, error) => anyhow!("cannot read {name}: {error}"),
    })?;
    let more = from.read(&mut [0]).with_context(|| format!("cannot read {name}"))?;
    ensure!(
        more == 0,
        "{name}: more bytes follow after the last number, {}; the file is damaged, write it again",
        place(count - 1)
    );
    Ok(Table { values, columns: columns as usize, lines: None, chosen: None, name: name.to_owned() })
}

/// Reads the head, after checks of its size and its brackets, which bound the work of the parser.
fn read_head(from: &mut impl Read) -> Result<NpyHeader> {
    let mut bytes = vec![0; MAGIC.len() + 2];
    let cut = "it ends too early; write the file again";
    from.read_exact(&mut bytes).context(cut)?;
    let mut size = [0; 4];
    let version = bytes[MAGIC.len()];
    // Later versions of the format have a longer size field.
    let field = if version == 1 { &mut size[..2] } else { &mut size[..] };
    from.read_exact(field).context(cut)?;
    bytes.extend_from_slice(field);
    let size = u32::from_le_bytes(size) as usize;
    ensure!(size <= MOST_OF_HEAD, "it has {size} bytes, the most is {MOST_OF_HEAD}; write the file again");
    let text = bytes.len();
    bytes.resize(text + size, 0);
    from.read_exact(&mut bytes[text..]).context(cut)?;
    let odd = || format!("`{}` is no dictionary of NumPy's; write the file again", shown(&bytes[text..]));
    let mut open = 0_usize;
    for byte in &bytes[text..] {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        ensure!(open <= MOST_OPEN, odd());
    }
    // The parser multiplies the sizes without a check for overflow.
    let sizes = sizes(&bytes[text..]).with_context(odd)?;
    let product = sizes.iter().try_fold(1_u64, |product, &size| product.checked_mul(size));
    ensure!(product.is_some(), "the sizes {} are more than any machine holds", shown(format!("{sizes:?}").as_bytes()));
    // The parser's own error would print the head, in several lines.
    NpyHeader::from_reader(&bytes[..]).map_err(|_| anyhow!(odd()))
}

/// Parses the sizes in the shape of a head: decimals in round brackets, as NumPy writes them.
fn sizes(head: &[u8]) -> Option<Vec<u64>> {
    let text = str::from_utf8(head).ok()?;
    let (_, shape) = text.rsplit_once("shape")?;
    let (shape, _) = shape.split_once('(')?.1.split_once(')')?;
    let numbers = shape.split(',').map(str::trim).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

/// Returns the name of a type of plain numbers.
fn plain(dtype: &DType) -> Option<String> {
    match dtype {
        DType::Plain(name) => Some(name.to_string()),
        _ => None,
    }
}

/// The reason why reading stopped, with the index of the number.
enum Stopped {
    Refused(u64, f64),
    Read(u64, io::Error),
}

fn numbers<T: Number, N: Deserialize, R: Read>(file: NpyFile<R>, exact: impl Fn(N) -> f64) -> Result<Vec<T>, Stopped> {
    let invalid = |error: npyz::DTypeError| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let data = file.data::<N>().map_err(|error| Stopped::Read(0, invalid(error)))?;
    let mut values = Vec::new();
    for (index, x) in (0..).zip(data) {
        let x = exact(x.map_err(|error| Stopped::Read(index, error))?);
        if values.len() == values.capacity() {
            let room = values.try_reserve(values.len().max(1 << 10));
            room.map_err(|_| Stopped::Read(index, io::Error::from(io::ErrorKind::OutOfMemory)))?;
        }
        values.push(T::from_f64(x).ok_or(Stopped::Refused(index, x))?);
    }
    Ok(values)
}

/// Writes rows of numbers.
pub(super) fn write(values: Values<'_>, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    fn all<T: AutoSerialize + Copy>(values: &[T], columns: usize, out: &mut dyn Write) -> io::Result<()> {
        let shape = [(values.len() / columns) as u64, columns as u64];
        let mut writer = WriteOptions::new().default_dtype().shape(&shape).writer(out).begin_nd()?;
        writer.extend(values.iter().copied())?;
        writer.finish()
    }
    match values {
        Values::Real(values) => all(values, columns, out),
        Values::Class(values) => all(values, columns, out),
    }
}
