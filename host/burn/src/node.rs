//! A node of burn's graph for an operation computed on the host.

use std::{fmt, sync::Arc};

use burn::{
    Tensor,
    backend::{
        Autodiff, BackendTensor, DispatchKindConversion, DispatchTensor, Flex,
        autodiff::{
            checkpoint::{
                base::Checkpointer,
                strategy::{BalancedCheckpointing, CheckpointStrategy, NoCheckpointing},
            },
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        flex::FlexTensor,
    },
    tensor::{DType, Device, TensorData},
};
use samplegrad_host::Error;

/// A tensor that an operation depends on, of any rank: its numbers, row-major, and its node in the graph.
pub(super) struct Input {
    pub(super) values: Vec<f32>,
    pub(super) shape: Vec<usize>,
    device: Device,
    tracked: bool,
    dispatch: DispatchTensor,
}

impl Input {
    /// Reads the numbers of a tensor.
    ///
    /// # Errors
    /// [`Error::NotSingle`] unless the tensor is of `f32`.
    pub(super) fn new<const D: usize>(what: &'static str, tensor: &Tensor<D>) -> Result<Self, Error> {
        if tensor.dtype() != DType::F32 {
            return Err(Error::NotSingle { what });
        }
        let (device, tracked, shape) = (tensor.device(), tensor.is_tracked(), tensor.dims().to_vec());
        let here = tensor.clone().to_device(&Device::flex());
        let values = here.clone().into_data().try_into_vec().map_err(|_| Error::NotSingle { what })?;
        Ok(Self { values, shape, device, tracked, dispatch: here.into_dispatch() })
    }
}

/// The function from a cotangent of the output, row-major, to one gradient per input, row-major.
pub(super) trait Pullback<const N: usize>: Fn(&[f32]) -> [Vec<f32>; N] + Send + Sync + 'static {}
impl<const N: usize, F: Fn(&[f32]) -> [Vec<f32>; N] + Send + Sync + 'static> Pullback<N> for F {}

/// Creates the output of an operation from its numbers, row-major, on the device of the first input.
pub(super) fn output<const N: usize, const D: usize>(
    inputs: [Input; N],
    values: Vec<f32>,
    shape: [usize; D],
    pullback: impl Pullback<N>,
) -> Tensor<D> {
    let device = inputs[0].device.clone();
    if inputs.iter().all(|input| !input.tracked) {
        return Tensor::from_data(TensorData::new(values, shape), &device);
    }
    let data = TensorData::new(values, shape);
    let shapes = inputs.each_ref().map(|input| input.shape.clone());
    let step = Step { pullback: Arc::new(pullback), shapes };
    let balanced = inputs.iter().any(|input| input.is_of::<BalancedCheckpointing>());
    let output = if balanced {
        record::<N, D, BalancedCheckpointing>(inputs, data, step)
    } else {
        record::<N, D, NoCheckpointing>(inputs, data, step)
    };
    output.to_device(&device)
}

impl Input {
    fn is_of<C: CheckpointStrategy>(&self) -> bool
    where
        DispatchTensor: DispatchKindConversion<Autodiff<Flex, C>>,
    {
        self.tracked
            && <DispatchTensor as DispatchKindConversion<Autodiff<Flex, C>>>::try_into_backend(self.dispatch.clone())
                .is_ok()
    }
}

fn record<const N: usize, const D: usize, C: CheckpointStrategy>(
    inputs: [Input; N],
    output: TensorData,
    step: Step<N>,
) -> Tensor<D>
where
    DispatchTensor: DispatchKindConversion<Autodiff<Flex, C>>,
{
    // An input outside any graph is a constant of this graph.
    let guards = inputs.map(|input| {
        match <DispatchTensor as DispatchKindConversion<Autodiff<Flex, C>>>::try_into_backend(input.dispatch) {
            Ok(BackendTensor::Float(tensor)) => tensor.node(),
            _ => constant::<C>(TensorData::new(input.values, input.shape)).node(),
        }
    });
    let output = FlexTensor::from_data(output);
    let tensor = match HostOperation.prepare::<C>(guards).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(step, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    let tensor = BackendTensor::<Autodiff<Flex, C>>::Float(tensor);
    Tensor::from_dispatch(<DispatchTensor as DispatchKindConversion<Autodiff<Flex, C>>>::from_backend(tensor))
}

/// Creates a tensor that requires no gradient.
fn constant<C: CheckpointStrategy>(
    data: TensorData,
) -> <Autodiff<Flex, C> as burn::backend::BackendTypes>::FloatTensorPrimitive {
    use burn::backend::ops::FloatTensorOps;
    <Autodiff<Flex, C> as FloatTensorOps<Autodiff<Flex, C>>>::float_from_data(data, &Default::default())
}

#[derive(Debug)]
struct HostOperation;

/// The data of the backward pass.
#[derive(Clone)]
struct Step<const N: usize> {
    pullback: Arc<dyn Pullback<N, Output = [Vec<f32>; N]>>,
    shapes: [Vec<usize>; N],
}

impl<const N: usize> fmt::Debug for Step<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("shapes", &self.shapes).finish_non_exhaustive()
    }
}

impl<const N: usize> Backward<Flex, N> for HostOperation {
    type State = Step<N>;

    fn backward(self, ops: Ops<Step<N>, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let cotangent = gradients.consume::<Flex>(&ops.node).into_data();
        // The cotangent has the type of the output, which is f32.
        let cotangent: Vec<f32> = cotangent.try_into_vec().unwrap_or_default();
        let parts = (ops.state.pullback)(&cotangent);
        for ((parent, part), shape) in ops.parents.iter().zip(parts).zip(&ops.state.shapes) {
            if let Some(parent) = parent {
                let part = FlexTensor::from_data(TensorData::new(part, shape.clone()));
                gradients.register::<Flex>(parent.id, part);
            }
        }
    }
}
