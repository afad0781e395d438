// cityloop classify: which department a text belongs to, by a classifier learned from past cases.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "text/trainer.h"

namespace cityloop::app {

struct ClassifyTrainOptions {
  std::vector<std::string> files;         // tables of past cases; or one folder (see training_tables)
  std::vector<std::string> text_columns;  // empty: by their usual names
  std::string label_column{"department"};
  std::string out;      // the file to write
  std::string command;  // kept in it
  bool quiet{false};    // no report
  text::TrainOptions how;
};
// Learns, writes the file, and prints what cross-validation says.
base::Status classify_train(const ClassifyTrainOptions&);

struct ClassifyOptions {
  std::string file;                       // the table to be labelled
  std::vector<std::string> text_columns;  // empty: by their usual names
  std::string model;                      // what train wrote; or
  std::vector<std::string> train_on;      // learn first, from these files or this folder
  std::string train_label{"department"};
  std::string label_column;    // what is right, when the table says so: then a report is printed
  double confidence_least{0};  // below it no label is given: a person decides
  std::string out;             // CSV; empty: standard output
  unsigned threads{2};
};
base::Status classify(const ClassifyOptions&);

// The tables in a folder (*.csv, *.csv.gz) that have that label column; a file stands for itself. In order of name.
base::Result<std::vector<std::string>> training_tables(const std::vector<std::string>& paths,
                                                       const std::string& label_column);

}  // namespace cityloop::app
