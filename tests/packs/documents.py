"""Small documents for the small pack."""

from __future__ import annotations

VALID = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <templateId root="1.2.250.1.213.1.1.1.13" extension="2022.01"/>
  <id root="1.2.3" extension="A1"/>
  <code code="LEAF" codeSystem="1.2.3.9"/>
  <title>Jardin</title>
  <effectiveTime value="2024"/>
  <component>
    <section>
      <templateId root="1.2.3.4.2.1"/>
      <entry>
        <observation classCode="OBS">
          <templateId root="1.2.3.4.3.1"/>
          <value code="RED" codeSystem="1.2.3.9"/>
          <shape code="ROUND" codeSystem="1.2.3.9"/>
        </observation>
      </entry>
    </section>
  </component>
</ClinicalDocument>
"""
"""Everything in it is as the small pack wants it."""
