//! Symmetric positive definite systems of about a hundred unknowns.
//!
//! Implemented here because linear algebra crates select fused instructions at run time, so that a fit, and every dot
//! that depends on it, would differ between machines. Cost: n^3 / 6 multiplications to factor.

/// A symmetric matrix, row major, both triangles stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    size: usize,
    entries: Vec<f64>,
}

/// Lower triangular factor `L` such that `L L^T` is the matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Symmetric {
    /// The zero matrix.
    #[must_use]
    pub fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    /// Adds `weight * row^T row`, with the row given by its non-zero entries.
    pub fn add_outer(&mut self, row: &[(usize, f64)], weight: f64) {
        for &(i, a) in row {
            let line = &mut self.entries[i * self.size..(i + 1) * self.size];
            for &(j, b) in row {
                line[j] += weight * a * b;
            }
        }
    }

    /// Entry (i, i).
    #[must_use]
    pub fn diagonal(&self, i: usize) -> f64 {
        self.entries[i * self.size + i]
    }

    /// Adds to entry (i, i).
    pub fn add_diagonal(&mut self, i: usize, amount: f64) {
        self.entries[i * self.size + i] += amount;
    }

    /// Factors the matrix; `None` if it is not positive definite.
    #[must_use]
    pub fn cholesky(&self) -> Option<Cholesky> {
        let n = self.size;
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let (above, below) = lower.split_at(i * n);
                let row_i = &below[..j];
                let dot: f64 = if i == j {
                    row_i.iter().map(|a| a * a).sum()
                } else {
                    row_i.iter().zip(&above[j * n..j * n + j]).map(|(a, b)| a * b).sum()
                };
                let rest = self.entries[i * n + j] - dot;
                if i == j {
                    if !(rest > 0.0 && rest.is_finite()) {
                        return None;
                    }
                    lower[i * n + i] = rest.sqrt();
                } else {
                    lower[i * n + j] = rest / lower[j * n + j];
                }
            }
        }
        Some(Cholesky { size: n, lower })
    }
}

impl Cholesky {
    /// Solves `A x = b`.
    #[must_use]
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = self.solve_lower(b);
        for i in (0..n).rev() {
            let later: f64 = x.iter().enumerate().skip(i + 1).map(|(j, x)| self.lower[j * n + i] * x).sum();
            x[i] = (x[i] - later) / self.lower[i * n + i];
        }
        x
    }

    /// Solves `L y = b`; `|y|^2` is `b^T A^-1 b`, the variance of a quantity with gradient `b` if `A` is an inverse
    /// covariance.
    #[must_use]
    pub fn solve_lower(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut y = b.to_vec();
        for i in 0..n {
            let earlier: f64 = y.iter().zip(&self.lower[i * n..i * n + i]).map(|(y, l)| l * y).sum();
            y[i] = (y[i] - earlier) / self.lower[i * n + i];
        }
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_known_system_and_refuses_an_indefinite_one() {
        let mut a = Symmetric::zeros(3);
        a.add_outer(&[(0, 1.0), (1, 2.0)], 1.0);
        a.add_outer(&[(1, 1.0), (2, -1.0)], 3.0);
        a.add_outer(&[(0, 0.5), (2, 2.0)], 2.0);
        // A = [[1.5, 2, 2], [2, 7, -3], [2, -3, 11]]
        let x = a.cholesky().unwrap().solve(&[5.5, 6.0, 10.0]);
        for (got, b) in [
            (1.5 * x[0] + 2.0 * x[1] + 2.0 * x[2], 5.5),
            (2.0 * x[0] + 7.0 * x[1] - 3.0 * x[2], 6.0),
            (2.0 * x[0] - 3.0 * x[1] + 11.0 * x[2], 10.0),
        ] {
            assert!((got - b).abs() < 1e-12);
        }
        let mut indefinite = Symmetric::zeros(2);
        indefinite.add_outer(&[(0, 1.0), (1, 1.0)], 1.0);
        indefinite.add_diagonal(1, -1.0);
        assert!(indefinite.cholesky().is_none());
    }
}
