//! Standardisation of pictures, globally and locally, against differences in lighting.

use tch::{Kind, TchError, Tensor};

use super::layer::{LOCAL_SQUARE, LOCAL_SQUARES, STANDARDIZE_EPSILON};

/// Subtracts each picture's mean and divides by its standard deviation plus
/// [`STANDARDIZE_EPSILON`].
pub(super) fn standardized(images: &Tensor) -> Result<Tensor, TchError> {
    let mean = images.f_mean_dim([1i64, 2, 3].as_slice(), true, Kind::Float)?;
    let centred = images.f_sub(&mean)?;
    let variance = centred
        .f_square()?
        .f_mean_dim([1i64, 2, 3].as_slice(), true, Kind::Float)?;
    centred.f_div(&variance.f_sqrt()?.f_add_scalar(STANDARDIZE_EPSILON)?)
}

/// Subtracts the local mean around each pixel and divides by the local standard deviation plus
/// [`STANDARDIZE_EPSILON`]. Both are computed per square and interpolated bilinearly, which costs
/// little more than one pass over the pixels.
pub(super) fn standardized_locally(images: &Tensor) -> Result<Tensor, TchError> {
    let size = &images.size()[2..];
    let mean = around(images)?;
    let variance = around(&images.f_square()?)?.f_sub(&mean.f_square()?)?;
    let deviation = variance.f_clamp_min(0.0)?.f_sqrt()?;
    let upsample = |squares: &Tensor| squares.f_upsample_bilinear2d(size, false, None, None);
    images
        .f_sub(&upsample(&mean)?)?
        .f_div(&upsample(&deviation)?.f_add_scalar(STANDARDIZE_EPSILON)?)
}

/// The mean around each square.
fn around(values: &Tensor) -> Result<Tensor, TchError> {
    let pool = |values: &Tensor, size: i64, step: i64, padding: i64| {
        values.f_avg_pool2d([size; 2], [step; 2], [padding; 2], false, false, None)
    };
    let squares = pool(values, LOCAL_SQUARE, LOCAL_SQUARE, 0)?;
    pool(&squares, LOCAL_SQUARES, 1, LOCAL_SQUARES / 2)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn faint_ink_shows_beside_strong_contrasts() {
        // A white sheet with a faint line on it, on a black table.
        let picture = Tensor::zeros([1, 1, 64, 128], (Kind::Float, Device::Cpu));
        let _ = picture.narrow(3, 64, 64).fill_(1.0);
        let _ = picture.narrow(2, 20, 24).narrow(3, 110, 2).fill_(0.95);
        let depth = |values: &Tensor| {
            let at = |x: i64| values.double_value(&[0, 0, 32, x]);
            at(120) - at(110)
        };
        assert!(depth(&standardized(&picture).unwrap()) < 0.11);
        assert!(depth(&standardized_locally(&picture).unwrap()) > 1.0);
    }

    #[test]
    fn an_empty_picture_stays_empty() {
        let picture = Tensor::full([1, 1, 32, 32], 0.7, (Kind::Float, Device::Cpu));
        for values in [standardized(&picture), standardized_locally(&picture)] {
            assert!(values.unwrap().abs().max().double_value(&[]) < 0.02);
        }
    }
}
