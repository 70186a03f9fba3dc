"""Gumbel-softmax of samplegrad as a layer of PyTorch: `torch.autograd.Function`, on the tensors' own memory.

Given the same noise, its values and gradients agree with `torch.nn.functional.gumbel_softmax`; run this program to see
the differences. Unlike that function it has its own seeds and streams, so results repeat on any number of threads and
on a device.
"""

from unittest import mock

import samplegrad
import torch
from torch.nn import functional


class GumbelSoftmax(torch.autograd.Function):
    """``apply(logits, tau, streams, hard)``: logits of shape (..., classes), float32, on the CPU."""

    @staticmethod
    def forward(ctx, logits, tau, streams, hard):
        classes, soft = samplegrad.straight_through(logits.detach().contiguous().numpy(), tau, streams)
        soft = torch.from_numpy(soft)
        ctx.save_for_backward(soft)
        ctx.tau = tau
        if not hard:
            return soft.clone()
        index = torch.from_numpy(classes).long().unsqueeze(-1)
        return torch.zeros_like(soft).scatter_(-1, index, 1.0)

    @staticmethod
    def backward(ctx, cotangent):
        (soft,) = ctx.saved_tensors
        gradient = samplegrad.gumbel_softmax_vjp(soft.numpy(), cotangent.contiguous().numpy(), ctx.tau)
        return torch.from_numpy(gradient), None, None, None


def value_and_gradient(layer, logits, weights):
    logits = logits.clone().requires_grad_()
    y = layer(logits)
    (weights * y * y).sum().backward()
    return y.detach(), logits.grad


def compare(tau, hard, rows=64, classes=10):
    """Returns the largest differences of the values and of the gradients, relative to the largest gradient."""
    generator = torch.Generator().manual_seed(2026)
    logits = 3.0 * torch.randn((rows, classes), generator=generator)
    logits[::7, 3] = -torch.inf
    weights = torch.randn((rows, classes), generator=generator)
    streams = samplegrad.Streams(seed=2026, count=rows)

    # PyTorch draws G = -ln E and takes E from this method.
    gumbel = samplegrad.noise("gumbel", streams.copy(), (rows, classes))
    exponential = torch.from_numpy(gumbel).double().neg().exp().float()
    with mock.patch.object(torch.Tensor, "exponential_", lambda self: self.copy_(exponential)):
        theirs = value_and_gradient(lambda l: functional.gumbel_softmax(l, tau=tau, hard=hard), logits, weights)
    ours = value_and_gradient(lambda l: GumbelSoftmax.apply(l, tau, streams, hard), logits, weights)

    value, gradient = ((a - b).abs().max().item() for a, b in zip(ours, theirs))
    return value, gradient / theirs[1].abs().max().item()


def main():
    print("largest differences from torch.nn.functional.gumbel_softmax, fed the same noise")
    for hard in (False, True):
        for tau in (0.1, 0.5, 1.0, 5.0):
            value, gradient = compare(tau, hard)
            print(f"tau {tau}, {'hard' if hard else 'soft'}: value {value:.1e}, gradient {gradient:.1e}")
            # PyTorch's noise is a rounded logarithm. Its error is half a unit in the last place of 16, divided by tau.
            bound = 2e-6 / min(tau, 1.0) + 1e-6
            if not (value < bound and gradient < bound):
                raise SystemExit(f"they differ by more than {bound:.1e}")


if __name__ == "__main__":
    main()
