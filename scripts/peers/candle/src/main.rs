//! Usage: candle-peer STEPS
//!
//! Trains the network of tch-rs' MNIST example on random images with candle, on the CPU, and prints
//! the images per second of the median step as JSON.

use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{DType, Device, Tensor};
use candle_nn::{
    AdamW, Conv2d, Conv2dConfig, Dropout, Linear, Module, Optimizer, ParamsAdamW, VarBuilder,
    VarMap, conv2d, linear, loss,
};

const BATCH: usize = 128;

/// Steps that are not counted: memory is allocated and caches are filled.
const WARM_UP: usize = 2;

struct Net {
    conv1: Conv2d,
    conv2: Conv2d,
    fc1: Linear,
    fc2: Linear,
    dropout: Dropout,
}

impl Net {
    fn new(vb: VarBuilder<'_>) -> Result<Self> {
        let config = Conv2dConfig::default();
        Ok(Self {
            conv1: conv2d(1, 32, 5, config, vb.pp("conv1"))?,
            conv2: conv2d(32, 64, 5, config, vb.pp("conv2"))?,
            fc1: linear(1024, 1024, vb.pp("fc1"))?,
            fc2: linear(1024, 10, vb.pp("fc2"))?,
            dropout: Dropout::new(0.5),
        })
    }

    /// `[B, 1, 28, 28]` to logits `[B, 10]`, in training.
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let hidden = self.conv1.forward(images)?.max_pool2d(2)?; // [B, 32, 12, 12]
        let hidden = self.conv2.forward(&hidden)?.max_pool2d(2)?; // [B, 64, 4, 4]
        let hidden = self.fc1.forward(&hidden.flatten_from(1)?)?.relu()?; // [B, 1024]
        let hidden = self.dropout.forward(&hidden, true)?;
        Ok(self.fc2.forward(&hidden)?)
    }
}

fn main() -> Result<()> {
    let steps: usize = std::env::args()
        .nth(1)
        .context("usage: candle-peer STEPS")?
        .parse()
        .context("the number of steps")?;
    let device = Device::Cpu;
    let weights = VarMap::new();
    let net = Net::new(VarBuilder::from_varmap(&weights, DType::F32, &device))?;
    let adam = ParamsAdamW {
        weight_decay: 0.0,
        ..Default::default()
    };
    let mut optimizer = AdamW::new(weights.all_vars(), adam)?;
    let images = Tensor::randn(0f32, 1f32, (BATCH, 1, 28, 28), &device)?;
    let labels: Vec<u32> = (0..BATCH as u32).map(|index| index % 10).collect();
    let labels = Tensor::new(labels, &device)?;

    let mut seconds = Vec::new();
    for step in 0..WARM_UP + steps.max(1) {
        let start = Instant::now();
        let loss = loss::cross_entropy(&net.forward(&images)?, &labels)?;
        optimizer.backward_step(&loss)?;
        if step >= WARM_UP {
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    seconds.sort_by(f64::total_cmp);
    let rate = BATCH as f64 / seconds[seconds.len() / 2];
    println!("{{\"images_per_second\": {rate}}}");
    Ok(())
}
