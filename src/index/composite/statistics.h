// What the stages need to know of a column of numbers. Missing numbers are passed over; where too few are left the
// answer is missing, never zero.
//
// Skewness and excess kurtosis are the sample estimators G1 and G2 that spreadsheets show (Joanes and Gill 1998, "type
// 2"): COINr, and so the published ASEM index, uses them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cityloop::index {

std::size_t count_present(std::span<const double>);
double mean_of(std::span<const double>);
double median_of(std::span<const double>);
double deviation_of(std::span<const double>);  // of a sample: n - 1; wants two
// Linear between the order statistics (Hyndman and Fan 1996, type 7), `share` in 0…1.
double quantile_of(std::span<const double>, double share);
std::vector<double> quantiles_of(std::span<const double>, const std::vector<double>& shares);  // several, sorted once
double skewness_of(std::span<const double>);         // wants three that are not all alike
double excess_kurtosis_of(std::span<const double>);  // wants four

struct Range {
  double low, high;  // missing where nothing is there
};
Range range_of(std::span<const double>);

// Pearson's, over the places where both are there; wants three and some spread in both.
double correlation_of(std::span<const double>, std::span<const double>);

// Cronbach 1951: k/(k-1) (1 - Σ var(item)/var(total)), over the rows where every item is there; wants two items.
double cronbach_alpha(const std::vector<std::span<const double>>& items);

// Places from the lowest, 1 to n; those alike share the mean of their places.
std::vector<double> places_of(std::span<const double>);

// Student's t: the value that |t| stays below with probability `confidence`; degrees > 0. From the incomplete beta
// function by its continued fraction (NIST DLMF 8.17.22), inverted by bisection to 1e-12.
double student_t_two_sided(double confidence, double degrees);
double student_t_probability_beyond(double t, double degrees);  // P(|T| > |t|)

}  // namespace cityloop::index
