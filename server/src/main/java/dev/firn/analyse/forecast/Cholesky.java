package dev.firn.analyse.forecast;

/// Solves A·x = b for a symmetric positive definite A by Cholesky's factors.
final class Cholesky {
    private Cholesky() {}

    /// @param a n × n by rows, of which the lower triangle is read; is overwritten
    /// @param b n values; is overwritten with x, which is returned
    static double[] solve(double[] a, double[] b) {
        int n = b.length;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i * n + j];
                for (int k = 0; k < j; k++) {
                    sum -= a[i * n + k] * a[j * n + k];
                }
                a[i * n + j] = i == j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * n + j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                b[i] -= a[i * n + k] * b[k];
            }
            b[i] /= a[i * n + i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                b[i] -= a[k * n + i] * b[k];
            }
            b[i] /= a[i * n + i];
        }
        return b;
    }
}
