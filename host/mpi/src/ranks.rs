//! Pieces of work, shared among ranks.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crc::{CRC_64_XZ, Crc};
use mpi::{
    datatype::PartitionMut,
    topology::{Communicator, SimpleCommunicator},
    traits::{CommunicatorCollectives, Equivalence, Root},
};

use crate::{
    checkpoint::{self, Pieces},
    error::Error,
};

/// The identity and size of the work: a checkpoint of other work is refused.
///
/// ```
/// use samplegrad_mpi::Job;
///
/// let job = Job { name: "squares", numbers: &[2026], pieces: 100 };
/// assert_eq!(job.pieces, 100);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The name of the work. Use a new name after every change of what a piece computes.
    pub name: &'a str,
    /// The numbers that the result depends on: the seed, sizes, settings.
    pub numbers: &'a [u64],
    /// The number of pieces. It must not depend on the number of ranks.
    pub pieces: usize,
}

impl Job<'_> {
    /// Computes the CRC-64 of the bytes of the name, 0xFF, and the numbers, little-endian.
    fn hash(&self) -> u64 {
        let crc = Crc::<u64>::new(&CRC_64_XZ);
        let mut digest = crc.digest();
        digest.update(self.name.as_bytes());
        digest.update(&[0xff]);
        self.numbers.iter().for_each(|number| digest.update(&number.to_le_bytes()));
        digest.finalize()
    }
}

/// The ranks of a program.
///
/// All ranks call the same functions with the same arguments, and all get the same results.
///
/// ```no_run
/// use samplegrad_mpi::{Job, Ranks, start};
///
/// start(|world| {
///     let ranks = Ranks::new(world).keep("squares.checkpoint");
///     let job = Job { name: "squares", numbers: &[], pieces: 100 };
///     let squares = ranks.run(&job, |piece| Ok(vec![(piece * piece) as u64]))?;
///     assert_eq!(squares[9], [81]);
///     Ok(())
/// });
/// ```
pub struct Ranks<'a> {
    world: &'a SimpleCommunicator,
    checkpoint: Option<PathBuf>,
    every: Duration,
}

/// The rank that gathers results and keeps the checkpoint.
const ROOT: i32 = 0;

impl<'a> Ranks<'a> {
    /// Creates the ranks of a communicator, without a checkpoint.
    pub fn new(world: &'a SimpleCommunicator) -> Self {
        Self { world, checkpoint: None, every: Duration::from_secs(10) }
    }

    /// Keeps finished pieces in a file of rank 0, resumes from the file if it exists, and removes it at the end.
    #[must_use]
    pub fn keep(self, path: impl Into<PathBuf>) -> Self {
        Self { checkpoint: Some(path.into()), ..self }
    }

    /// Sets the least interval between two writes of the checkpoint; the default is 10 seconds.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Computes all pieces, each on one rank, in rounds of one piece per rank. Returns the results of all pieces, in
    /// their order.
    ///
    /// # Errors
    /// [`Error::Piece`] with the first rank of a round whose piece fails or panics; [`Error::Checkpoint`].
    pub fn run(
        &self,
        job: &Job<'_>,
        mut work: impl FnMut(usize) -> Result<Vec<u64>, String>,
    ) -> Result<Vec<Vec<u64>>, Error> {
        let (rank, size) = (self.world.rank() as usize, self.world.size() as usize);
        let mut pieces: Pieces = vec![None; job.pieces];
        self.at_root(|path| {
            pieces = checkpoint::read(path, job.hash(), job.pieces)?;
            Ok(())
        })?;
        let mut done: Vec<u8> = pieces.iter().map(|piece| piece.is_some().into()).collect();
        self.broadcast(ROOT, &mut done);
        let todo: Vec<usize> = (0..job.pieces).filter(|&piece| done[piece] == 0).collect();
        let mut saved = Instant::now();
        for round in todo.chunks(size) {
            let result = match round.get(rank) {
                Some(&piece) => caught(|| work(piece)),
                None => Ok(Vec::new()),
            };
            let gathered = self.gather(round, &result)?;
            for (&piece, words) in round.iter().zip(gathered) {
                pieces[piece] = Some(words);
            }
            self.at_root(|path| {
                if saved.elapsed() < self.every {
                    return Ok(());
                }
                saved = Instant::now();
                checkpoint::write(path, job.hash(), &pieces)
            })?;
        }
        let mut results = Vec::with_capacity(job.pieces);
        for words in pieces {
            results.push(self.same(ROOT, words.unwrap_or_default()));
        }
        self.at_root(|path| match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("cannot be taken away: {error}")),
            _ => Ok(()),
        })?;
        Ok(results)
    }

    /// Gathers the results of a round on rank 0; returns an empty vector on the other ranks.
    fn gather(&self, round: &[usize], result: &Result<Vec<u64>, String>) -> Result<Vec<Vec<u64>>, Error> {
        const FAILED: i32 = -1;
        let (world, size) = (self.world, self.world.size() as usize);
        let length = |words: &Vec<u64>| i32::try_from(words.len()).unwrap_or(FAILED);
        let mine = result.as_ref().map_or(FAILED, length);
        let mut lengths = vec![0; size];
        world.all_gather_into(&mine, &mut lengths[..]);
        if let Some(rank) = lengths.iter().position(|&length| length == FAILED) {
            let reason = result.clone().err().unwrap_or("its result is too large for a message".to_owned());
            return Err(Error::Piece { rank, piece: round[rank], reason: self.tell(rank as i32, reason) });
        }
        let (root, empty) = (world.process_at_rank(ROOT), Vec::new());
        let words = result.as_ref().unwrap_or(&empty);
        if world.rank() != ROOT {
            root.gather_varcount_into(&words[..]);
            return Ok(Vec::new());
        }
        let places: Vec<i32> = lengths
            .iter()
            .scan(0_i32, |end, length| {
                let place = *end;
                *end = end.checked_add(*length)?;
                Some(place)
            })
            .collect();
        let total: usize = lengths.iter().map(|&length| length as usize).sum();
        let mut all = vec![0_u64; total];
        root.gather_varcount_into_root(&words[..], &mut PartitionMut::new(&mut all[..], &lengths[..], &places[..]));
        let each = lengths.iter().zip(places);
        Ok(each.map(|(&length, place)| all[place as usize..][..length as usize].to_vec()).collect())
    }

    /// Runs `work` with the checkpoint on rank 0, if there is a checkpoint. All ranks fail if `work` fails.
    fn at_root(&self, work: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), Error> {
        let Some(path) = &self.checkpoint else {
            return Ok(());
        };
        let done = if self.world.rank() == ROOT { work(path) } else { Ok(()) };
        match self.tell(ROOT, done.err().unwrap_or_default()) {
            reason if reason.is_empty() => Ok(()),
            reason => Err(Error::Checkpoint { path: path.clone(), reason }),
        }
    }

    /// Sends a rank's text to all ranks.
    fn tell(&self, rank: i32, text: String) -> String {
        let bytes = if self.world.rank() == rank { text.into_bytes() } else { Vec::new() };
        String::from_utf8_lossy(&self.same(rank, bytes)).into_owned()
    }

    /// Sends a rank's values to all ranks.
    fn same<T: Equivalence + Clone + Default>(&self, rank: i32, mut values: Vec<T>) -> Vec<T> {
        let mut length = [values.len() as u64];
        self.broadcast(rank, &mut length);
        values.resize(length[0] as usize, T::default());
        self.broadcast(rank, &mut values);
        values
    }

    /// Sends a rank's values to all ranks. All ranks must know the number of values.
    fn broadcast<T: Equivalence>(&self, rank: i32, values: &mut [T]) {
        // For an empty slice, MPI may mistake the address for one of its constants.
        if !values.is_empty() {
            self.world.process_at_rank(rank).broadcast_into(values);
        }
    }
}

/// Computes a piece. A panic becomes a failure with the message of the panic.
fn caught(work: impl FnOnce() -> Result<Vec<u64>, String>) -> Result<Vec<u64>, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(format!("it panicked: {}", words.unwrap_or_default()))
    })
}
