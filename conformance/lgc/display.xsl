<?xml version="1.0" encoding="UTF-8"?>
<!-- How the product shows a clinical document that brings no style sheet of its own: header, then the texts of the sections. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:h="urn:hl7-org:v3"
                exclude-result-prefixes="h">
  <xsl:output method="html" encoding="UTF-8" indent="no"/>

  <xsl:template match="/">
    <xsl:apply-templates select="(//h:ClinicalDocument)[1]"/>
  </xsl:template>

  <xsl:template match="h:ClinicalDocument">
    <html lang="fr">
      <head><title><xsl:value-of select="h:title"/></title></head>
      <body>
        <xsl:call-template name="header"/>
        <xsl:apply-templates select="h:component/h:structuredBody//h:section"/>
        <xsl:apply-templates select="h:component/h:nonXMLBody/h:text[not(@representation = 'B64')]"/>
      </body>
    </html>
  </xsl:template>

  <xsl:template name="header">
    <h1><xsl:value-of select="h:title"/></h1>
    <p>Type : <xsl:value-of select="h:code/@displayName"/></p>
    <p>Date : <xsl:apply-templates select="h:effectiveTime/@value"/></p>
    <xsl:for-each select="h:recordTarget/h:patientRole/h:patient">
      <p>Patient : <xsl:apply-templates select="h:name"/>,
        <xsl:value-of select="h:administrativeGenderCode/@displayName"/>, né(e) le
        <xsl:apply-templates select="h:birthTime/@value"/></p>
    </xsl:for-each>
    <xsl:for-each select="h:author/h:assignedAuthor">
      <p>Auteur : <xsl:apply-templates select="h:assignedPerson/h:name"/>,
        <xsl:value-of select="h:representedOrganization/h:name"/></p>
    </xsl:for-each>
    <p>Conservateur : <xsl:value-of select=".//h:representedCustodianOrganization/h:name"/></p>
  </xsl:template>

  <xsl:template match="@value">
    <xsl:value-of select="concat(substring(., 7, 2), '/', substring(., 5, 2), '/', substring(., 1, 4))"/>
  </xsl:template>

  <xsl:template match="h:name">
    <xsl:for-each select="h:prefix | h:given | h:family | h:suffix">
      <xsl:value-of select="."/><xsl:text> </xsl:text>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="h:section">
    <h2><xsl:value-of select="h:title"/></h2>
    <div><xsl:apply-templates select="h:text/node()"/></div>
  </xsl:template>

  <xsl:template match="h:nonXMLBody/h:text"><pre><xsl:value-of select="."/></pre></xsl:template>

  <xsl:template match="h:paragraph"><p><xsl:apply-templates/></p></xsl:template>
  <xsl:template match="h:list"><ul><xsl:apply-templates/></ul></xsl:template>
  <xsl:template match="h:item"><li><xsl:apply-templates/></li></xsl:template>
  <xsl:template match="h:br"><br/></xsl:template>
  <xsl:template match="h:table"><table border="1"><xsl:apply-templates/></table></xsl:template>
  <xsl:template match="h:thead | h:tbody | h:tfoot | h:tr | h:th | h:td">
    <xsl:element name="{local-name()}">
      <xsl:copy-of select="@rowspan | @colspan"/>
      <xsl:apply-templates/>
    </xsl:element>
  </xsl:template>
</xsl:stylesheet>
