#include "domain/awards/desk/masking_runs.h"

#include "base/log.h"
#include "base/refusal.h"

namespace cityloop::awards {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using base::Status;

Status MaskingRuns::begin(const Proposal& one, const JsonValue& decisions, Instant now) {
  if (const auto before = TRY(book_.run(one.id)); before && before->state == RunState::waiting)
    return refuse(Errc::conflict, "盲审处理正在进行，请等它完成",
                  "it is being masked already: wait until that is done");
  // Nobody is shown the copies while they are made anew, nor afterwards until they are released anew.
  if (auto masking = TRY(book_.masking(one.id)); masking && !masking->released_by.empty()) {
    masking->released_by.clear();
    TRY(book_.put_masking(*masking));
  }
  TRY(book_.put_run({one.id, one.version, decisions.dump(), now}));
  return look();
}

MaskingProgress MaskingRuns::progress() {
  const std::lock_guard lock(mutex_);
  return progress_;
}

// One task of these at a time, so that other studies come between two proposals.
Status MaskingRuns::look() {
  if (busy_ || !TRY(book_.waiting_run()) || busy_.exchange(true)) return {};
  if (!study_.post([this] { next(); })) busy_ = false;
  return {};
}

void MaskingRuns::next() {
  const auto run = book_.waiting_run();
  if (run && *run) work(**run);
  busy_ = false;
  if (study_.stopping()) return;
  if (const Status looked = look(); !looked) base::log_warn("awards: masking: {}", looked.error().message);
}

void MaskingRuns::work(const MaskingRun& run) {
  JsonWriter report;
  const Status masked = mask(run, report.object());
  {
    const std::lock_guard lock(mutex_);
    progress_ = {};
  }
  if (!masked && study_.stopping()) return;  // it waits on disk
  MaskingRun done = run;
  done.state = masked ? RunState::done : RunState::failed;
  if (masked) done.report = report.end().take();
  else done.problem = masked.error().message;
  if (const Status put = book_.put_run(done); !put) base::log_warn("awards: masking: {}", put.error().message);
}

Status MaskingRuns::mask(const MaskingRun& run, JsonWriter& report) {
  const auto one = TRY(entries_.book().proposal(run.proposal));
  if (!one) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  MaskingProgress begun{run.proposal};
  for (const StoredFile& file : TRY(entries_.book().files(one->id)))
    if (is_masked(file)) begun.pages += file.pages;
  {
    const std::lock_guard lock(mutex_);
    progress_ = begun;
  }
  return secretariat_.mask(*one, TRY(JsonValue::parse(run.decisions)), run.at, [this] { return page_done(); }, report);
}

// All pages are read before the first is drawn.
bool MaskingRuns::page_done() {
  const std::lock_guard lock(mutex_);
  ++(progress_.read < progress_.pages ? progress_.read : progress_.drawn);
  return !study_.stopping();
}

}  // namespace cityloop::awards
