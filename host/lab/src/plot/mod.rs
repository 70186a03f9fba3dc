//! Plots as SVG text: functions from data to a picture, without input or output.

mod accuracy;
mod banner;
mod comparison;
mod confusion_matrix;
mod error;
mod learning;
mod learning_curves;
mod scale;
mod style;
mod weights;

pub use accuracy::accuracy;
pub use banner::banner;
pub use comparison::comparison;
pub use confusion_matrix::confusion_matrix;
pub use error::PlotError;
pub use learning::learning;
pub use learning_curves::learning_curves;
pub use weights::weight_pictures;
