//! Trainings in one process do not affect each other, nor do random numbers drawn beside them.

use std::ops::ControlFlow;
use std::thread;

use mnist_tch::dataset::source::{self, Choice, Request};
use mnist_tch::model::{Architecture, Net};
use mnist_tch::trainer::{self, TrainConfig};
use tch::{Device, Kind, Tensor};

/// The weights of a convolutional network with dropout, after two epochs.
fn trained(seed: u64) -> Vec<(String, Tensor)> {
    // The same for all: libtorch's order of summation depends on it.
    tch::set_num_threads(1);
    let request = Request {
        choice: Choice::Synthetic,
        folder: None,
        limit: Some(200),
    };
    let digits = source::open(&request, &mut |_| ()).expect("drawing digits");
    let config = TrainConfig {
        epochs: 2,
        batch_size: 50,
        seed,
        ..TrainConfig::default_for(&Architecture::Cnn)
    };
    let mut net = Net::new(&Architecture::Cnn, seed, Device::Cpu).expect("a network");
    trainer::train(
        &mut net,
        &digits.train,
        &digits.validation,
        &config,
        &mut |_| Ok(ControlFlow::Continue(())),
    )
    .expect("training");
    net.snapshot()
}

#[test]
fn two_concurrent_trainings_give_the_same_weights_as_alone() {
    let alone = |seed| {
        thread::spawn(move || trained(seed))
            .join()
            .expect("training alone")
    };
    let apart = [alone(3), alone(4)];
    assert_ne!(apart[0], apart[1]);
    let together = thread::scope(|scope| {
        let both = [3, 4].map(|seed| scope.spawn(move || trained(seed)));
        scope.spawn(|| {
            for seed in 0..1000 {
                tch::manual_seed(seed);
                let _ = Tensor::rand([100], (Kind::Float, Device::Cpu));
            }
        });
        both.map(|training| training.join().expect("training beside another"))
    });
    assert_eq!(together, apart);
}
