// All of a cycle for the secretariat's own shelves: one ZIP with a spreadsheet (table.xlsx, table.csv) and a folder a
// proposal, with every version as it was received, its receipt, and the files.
//
//   Book, Vault ─▶ [export_cycle] ─▶ a file on disk
//
// Written on disk piece by piece, so a cycle of many gigabytes takes no memory. Drafts are not in it. No cell of the
// tables is a formula, whatever an applicant has written.
#pragma once

#include "domain/awards/entry/entry_desk.h"

namespace cityloop::awards {

base::Status export_cycle(const Cycle&, Book&, const Vault&, const std::string& out_file, Instant at);
// How much its files are.
base::Result<std::uint64_t> export_bytes(const Cycle&, Book&);
// cityloop awards export --city FOLDER --data FOLDER --cycle ID --out FILE
base::Status export_command(const std::vector<std::string>& words);

}  // namespace cityloop::awards
