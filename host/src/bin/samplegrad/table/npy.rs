//! Tables as `.npy`, the array format of NumPy.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, anyhow, bail, ensure};
use npyz::{AutoSerialize, DType, Deserialize, NpyFile, NpyHeader, Order, WriteOptions, WriterBuilder};

use super::{Number, Table, Values};

/// How every such file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads an array of one row or of rows: little-endian, in C order, of `f4`, `f8`, or integers. `size` is that of the file in
/// bytes, so that what cannot be there is not made room for.
pub(super) fn read<T: Number>(name: &str, size: u64, from: impl Read) -> Result<Table<T>> {
    let header = |error| anyhow!("{name}: the head of the .npy file cannot be read: {error}");
    let mut counted = Counted { from, read: 0 };
    let head = NpyHeader::from_reader(&mut counted).map_err(header)?;
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
    let text = dtype.descr();
    let refused = || {
        anyhow!(
            "{name}: dtype {text}, it must be '<f4', '<f8', '<u4' or another little-endian integer; save `x.astype('<f4')`"
        )
    };
    let bytes = dtype.num_bytes().ok_or_else(refused)? as u64;
    let there = size.saturating_sub(counted.read);
    let count = rows.checked_mul(columns).filter(|n| n.checked_mul(bytes).is_some());
    let count = count.with_context(|| format!("{name}: {rows} rows of {columns} are more than any machine holds"))?;
    let place = |index: u64| format!("row {}, column {}", index / columns, index % columns);
    if there < count * bytes {
        let whole = there / bytes;
        bail!("{name}: the file ends before {}, after {whole} of {count} numbers; it was cut off", place(whole));
    }
    ensure!(
        there == count * bytes,
        "{name}: {} bytes follow after the last number, {}; the file is damaged",
        there - count * bytes,
        place(count - 1)
    );
    let file = NpyFile::with_header(head, counted);
    let values = match plain(&dtype).as_deref() {
        Some("<f4") => numbers(file, |x: f32| x.into()),
        Some("<f8") => numbers(file, |x: f64| x),
        Some("<u4") => numbers(file, |x: u32| x.into()),
        Some("<i4") => numbers(file, |x: i32| x.into()),
        // Beyond 2^53 it is not exact, and no class.
        Some("<u8") => numbers(file, |x: u64| x as f64),
        Some("<i8") => numbers(file, |x: i64| x as f64),
        Some("<u2") => numbers(file, |x: u16| x.into()),
        Some("<i2") => numbers(file, |x: i16| x.into()),
        Some("|u1") => numbers(file, |x: u8| x.into()),
        Some("|i1") => numbers(file, |x: i8| x.into()),
        _ => return Err(refused()),
    };
    let refused = |(index, x): (u64, f64)| anyhow!("{name}: {}: {x} is not {}", place(index), T::WANTED);
    let values = values.with_context(|| format!("cannot read {name}"))?.map_err(refused)?;
    Ok(Table { values, columns: columns as usize, lines: None, name: name.to_owned() })
}

/// The name of a type of plain numbers.
fn plain(dtype: &DType) -> Option<String> {
    match dtype {
        DType::Plain(name) => Some(name.to_string()),
        _ => None,
    }
}

/// All numbers, or the first that the table may not hold, with its place.
type Converted<T> = io::Result<Result<Vec<T>, (u64, f64)>>;

fn numbers<T: Number, N: Deserialize, R: Read>(file: NpyFile<R>, exact: impl Fn(N) -> f64) -> Converted<T> {
    let mut values = Vec::new();
    let data = file.data::<N>().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    for (index, x) in (0..).zip(data) {
        let x = exact(x?);
        match T::from_f64(x) {
            Some(value) => values.push(value),
            None => return Ok(Err((index, x))),
        }
    }
    Ok(Ok(values))
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

/// Counts the bytes of the head.
struct Counted<R> {
    from: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
