// An award record in a fresh folder, by a clock that the test sets; the folder goes with the fixture.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/file.h"
#include "domain/awards/trust/record.h"

namespace cityloop::awards {

class TrustFixture : public testing::Test {
 protected:
  TrustFixture() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("cityloop-{}-{}-{}", info->test_suite_name(), info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
  }
  ~TrustFixture() override {
    record_.reset();
    std::filesystem::remove_all(folder_);
  }
  base::Status open() {
    record_.reset();
    record_ = TRY(Record::open(folder_.string(), clock_,
                               [this](store::DiskStep step, std::string_view) { return fault_ ? fault_(step) : 0; }));
    return {};
  }
  // Something is handed in, a second after the thing before.
  base::Result<Receipt> hand_in(std::string_view subject, std::string_view content = "a proposal") {
    clock_.advance_to(clock_.now() + std::chrono::seconds(1));
    return record_->note({.kind = "submission",
                          .cycle = "city-award-2026",
                          .subject = subject,
                          .by = "applicant",
                          .at = clock_.now(),
                          .content = content});
  }
  std::filesystem::path file() const { return folder_ / "log.jsonl"; }
  std::string bytes() const { return base::read_file(file()).value(); }
  void write(std::string_view bytes) const { std::ofstream(file(), std::ios::binary) << bytes; }

  std::filesystem::path folder_;
  base::ManualClock clock_{base::parse_time("2026-03-10T02:00:00.25Z").value()};
  std::function<int(store::DiskStep)> fault_;
  std::unique_ptr<Record> record_;
};

}  // namespace cityloop::awards
