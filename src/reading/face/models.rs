//! The four networks: part of the program, verified before use, run on one thread.
//!
//! Their origin is documented in `assets/models/NOTICE.md`. The runtime chooses vector instructions by processor, so
//! results may differ in the last bits between machines: whatever is found is rounded and kept, never computed again.

use std::sync::{Arc, OnceLock};

use rten::{Model, ModelOptions, OpRegistry, RunOptions, ThreadPool, Value, op_types as op};
use sha2::{Digest, Sha256};

use super::found::Unavailable;

/// A network as a file, with the sizes of its input and results.
struct File {
    name: &'static str,
    bytes: &'static [u8],
    sha256: &'static str,
    /// Side of its square input, px.
    side_px: usize,
    /// Length of each result.
    results: &'static [usize],
}

macro_rules! model {
    ($name:literal, $sha256:literal, $side:literal, $results:expr) => {
        File {
            name: $name,
            bytes: include_bytes!(concat!("../../../assets/models/", $name)),
            sha256: $sha256,
            side_px: $side,
            results: &$results,
        }
    };
}

static DETECTOR: File = model!(
    "face_detection_short_range.f16.onnx",
    "690a1886a4481afd7af3a2fe62c7595fbf5e2c0e184427c697472f23bfaa6115",
    128,
    [896 * 16, 896]
);
static MESH: File = model!(
    "face_landmark.f16.onnx",
    "8b3818908ba341090f3db32aa4f396e246f029e7e008226ab94d72898c037095",
    192,
    [468 * 3, 1]
);
static IRIS: File = model!(
    "iris_landmark.f16.onnx",
    "2095b95998d6028be1e874d86ae0482e2109a9b7fc4517c5cfadb7387f2a171b",
    64,
    [71 * 3, 5 * 3]
);
static MASK: File = model!(
    "selfie_segmentation.f16.onnx",
    "844ed0ffc6a28f4202e0b83d3032b0a4de96a7fd0777e3ac808be9b36d48c12b",
    256,
    [256 * 256]
);

/// A network that is ready to run.
pub(super) struct Network {
    model: Model,
    thread: Arc<ThreadPool>,
    name: &'static str,
    /// Side of its square input, px.
    pub(super) side_px: usize,
    results: &'static [usize],
}

/// All four networks.
pub(super) struct Models {
    /// Detects faces.
    pub(super) detector: Network,
    /// Finds the surface of a face.
    pub(super) mesh: Network,
    /// Finds pupil and iris of an eye.
    pub(super) iris: Network,
    /// Finds the pixels that show a person.
    pub(super) mask: Network,
}

impl Models {
    /// The program's own models, verified and loaded once.
    pub(super) fn get() -> Result<&'static Self, Unavailable> {
        static MODELS: OnceLock<Result<Models, Unavailable>> = OnceLock::new();
        MODELS.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, Unavailable> {
        let thread = Arc::new(ThreadPool::with_num_threads(1));
        let ready = |file: &File| Network::new(file, file.bytes, &thread);
        Ok(Self { detector: ready(&DETECTOR)?, mesh: ready(&MESH)?, iris: ready(&IRIS)?, mask: ready(&MASK)? })
    }
}

impl Network {
    fn new(file: &File, bytes: &[u8], thread: &Arc<ThreadPool>) -> Result<Self, Unavailable> {
        let damaged = || Unavailable::Damaged { model: file.name };
        let sum = Sha256::digest(bytes);
        if !sum.iter().map(|byte| format!("{byte:02x}")).eq(file
            .sha256
            .as_bytes()
            .chunks(2)
            .map(String::from_utf8_lossy))
        {
            return Err(damaged());
        }
        let operators = OpRegistry::with_ops(&[
            &op::Add,
            &op::Cast,
            &op::Concat,
            &op::Conv,
            &op::ConvTranspose,
            &op::GlobalAveragePool,
            &op::HardSigmoid,
            &op::Identity,
            &op::MaxPool,
            &op::Mul,
            &op::PRelu,
            &op::Pad,
            &op::Relu,
            &op::Reshape,
            &op::Resize,
            &op::Sigmoid,
            &op::Transpose,
        ]);
        let model = ModelOptions::with_ops(operators).load(bytes.to_vec()).map_err(|_| damaged())?;
        Ok(Self { model, thread: Arc::clone(thread), name: file.name, side_px: file.side_px, results: file.results })
    }

    /// Runs the network on planes of red, green and blue, one after the other, each a square of side `side_px`.
    pub(super) fn run(&self, planes: Vec<f32>) -> Result<Vec<Vec<f32>>, Unavailable> {
        let failed = || Unavailable::Failed { model: self.name };
        let input = Value::from_shape([1, 3, self.side_px, self.side_px], planes).map_err(|_| failed())?;
        let id = *self.model.input_ids().first().ok_or_else(failed)?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.thread)));
        let results = self.model.run(vec![(id, input.into())], self.model.output_ids(), Some(options));
        let results: Option<Vec<Vec<f32>>> = results
            .map_err(|_| failed())?
            .into_iter()
            .map(|value| Some(value.into_tensor::<f32>()?.into_data()))
            .collect();
        results.filter(|all| all.iter().map(Vec::len).eq(self.results.iter().copied())).ok_or_else(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_model_is_not_used() {
        let thread = Arc::new(ThreadPool::with_num_threads(1));
        for file in [&DETECTOR, &MESH, &IRIS, &MASK] {
            assert!(Network::new(file, file.bytes, &thread).is_ok(), "{}", file.name);
            let mut bytes = file.bytes.to_vec();
            bytes[file.bytes.len() / 2] ^= 1;
            let problem = Network::new(file, &bytes, &thread).err();
            assert_eq!(problem, Some(Unavailable::Damaged { model: file.name }));
            assert!(Network::new(file, &[], &thread).is_err());
        }
    }
}
