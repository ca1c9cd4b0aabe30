"""The parts of a rich workbook that XlsxWriter cannot make, written as Excel writes them."""

import re

from fakes.packages import MAIN, REL, Package

STATUSES = ("进行中", "已完成", "延期", "受阻")
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MS = "http://schemas.microsoft.com/office"
_X14 = f"{_MS}/spreadsheetml/2009/9/main"
_X15 = f"{_MS}/spreadsheetml/2010/11/main"
_SML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK, SHEET1 = "xl/workbook.xml", "xl/worksheets/sheet1.xml"


def add_threaded_comments(package: Package) -> None:
    person = "{8E1F0C52-6A0B-4B57-A5C3-2D9E6B7F4A01}"
    space = f"{_MS}/spreadsheetml/2018/threadedcomments"
    package.add(
        "xl/persons/person.xml",
        f'{HEAD}<personList xmlns="{space}" xmlns:x="{MAIN}"><person displayName="王敏" '
        f'id="{person}" userId="wangmin@example.com" providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
    )
    package.relate(WORKBOOK, f"{_MS}/2017/10/relationships/person", "persons/person.xml")
    thread = "{5B3C9A10-0D4E-4A7B-9C58-0F6D2C1B7E11}"
    package.add(
        "xl/threadedComments/threadedComment1.xml",
        f'{HEAD}<ThreadedComments xmlns="{space}" xmlns:x="{MAIN}">'
        f'<threadedComment ref="C6" dT="2024-06-03T02:11:32.55" personId="{person}" id="{thread}">'
        f"<text>周五前能给吗？</text></threadedComment>"
        f'<threadedComment ref="C6" dT="2024-06-03T06:40:01.10" personId="{person}" '
        f'id="{{0C8B6B7C-2F0E-4F43-8D8A-6B1C7E0D9A22}}" parentId="{thread}">'
        f"<text>可以</text></threadedComment></ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    package.relate(
        SHEET1,
        f"{_MS}/2017/10/relationships/threadedComment",
        "../threadedComments/threadedComment1.xml",
    )


def add_slicer(package: Package) -> None:
    package.add(
        "xl/slicerCaches/slicerCache1.xml",
        f'{HEAD}<slicerCacheDefinition xmlns="{_X14}" xmlns:x="{MAIN}" name="Slicer_Status" '
        f'sourceName="状态"><extLst><x:ext xmlns:x15="{_X15}" '
        f'uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}">'
        f'<x15:tableSlicerCache tableId="1" column="7"/></x:ext></extLst></slicerCacheDefinition>',
        "application/vnd.ms-excel.slicerCache+xml",
    )
    cache_id = package.relate(
        WORKBOOK, f"{_MS}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml"
    )
    package.add(
        "xl/slicers/slicer1.xml",
        f'{HEAD}<slicers xmlns="{_X14}"><slicer name="状态" cache="Slicer_Status" '
        f'caption="状态" rowHeight="241300"/></slicers>',
        "application/vnd.ms-excel.slicer+xml",
    )
    slicer_id = package.relate(SHEET1, f"{_MS}/2007/relationships/slicer", "../slicers/slicer1.xml")
    package.add_extension(
        SHEET1,
        f'<ext xmlns:x15="{_X15}" uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}">'
        f'<x14:slicerList xmlns:x14="{_X14}"><x14:slicer r:id="{slicer_id}"/></x14:slicerList></ext>',
    )
    package.add_extension(
        WORKBOOK,
        f'<ext xmlns:x15="{_X15}" uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}">'
        f'<x15:slicerCaches xmlns:x14="{_X14}"><x14:slicerCache r:id="{cache_id}"/>'
        f"</x15:slicerCaches></ext>",
    )
    package.replace(
        WORKBOOK,
        "</definedNames>",
        '<definedName name="Slicer_Status">#N/A</definedName></definedNames>',
    )
    place = "".join(
        f"<xdr:{side}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{side}>"
        for side, column, row in (("from", 22, 4), ("to", 25, 14))
    )
    package.replace(
        "xl/drawings/drawing1.xml",
        "</xdr:wsDr>",
        f'<xdr:twoCellAnchor editAs="absolute">{place}<mc:AlternateContent '
        f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'xmlns:sle15="{_MS}/drawing/2012/slicer"><mc:Choice Requires="sle15">'
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="40" name="状态"/>'
        f"<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm>"
        f'<a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{_MS}/drawing/2010/slicer"><sle:slicer '
        f'xmlns:sle="{_MS}/drawing/2010/slicer" name="状态"/></a:graphicData></a:graphic>'
        f"</xdr:graphicFrame></mc:Choice><mc:Fallback/></mc:AlternateContent>"
        f"<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
    )


def add_extended_validation(package: Package) -> None:
    package.add_extension(
        SHEET1,
        f'<ext xmlns:x14="{_X14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
        f'<x14:dataValidations xmlns:xm="{_MS}/excel/2006/main" count="1">'
        f'<x14:dataValidation type="list" allowBlank="1" showErrorMessage="1"><x14:formula1>'
        f"<xm:f>选项!$A$1:$A$4</xm:f></x14:formula1><xm:sqref>G5:G500</xm:sqref>"
        f"</x14:dataValidation></x14:dataValidations></ext>",
    )


def add_pivot(package: Package) -> None:
    """Count the items by status, on the sheet with the totals."""
    fields = "".join(f'<cacheField name="{word}" numFmtId="0">' for word in ("状态", "数量"))
    items = "".join(f'<s v="{word}"/>' for word in STATUSES)
    cached = fields.replace(
        '<cacheField name="数量"',
        f'<sharedItems count="4">{items}</sharedItems></cacheField><cacheField name="数量"',
    )
    package.add(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{REL}" r:id="rId1" '
        f'refreshedBy="王敏" refreshedDate="45446" createdVersion="6" refreshedVersion="6" '
        f'minRefreshableVersion="3" recordCount="4"><cacheSource type="worksheet">'
        f'<worksheetSource ref="A10:B14" sheet="汇总"/></cacheSource><cacheFields count="2">{cached}'
        f'<sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1" '
        f'containsInteger="1" minValue="3" maxValue="3"/></cacheField></cacheFields>'
        f"</pivotCacheDefinition>",
        f"{_SML}.pivotCacheDefinition+xml",
    )
    records = "".join(f'<r><x v="{number}"/><n v="3"/></r>' for number in range(4))
    package.add(
        "xl/pivotCache/pivotCacheRecords1.xml",
        f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" count="4">{records}</pivotCacheRecords>',
        f"{_SML}.pivotCacheRecords+xml",
    )
    package.relate(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f"{REL}/pivotCacheRecords",
        "pivotCacheRecords1.xml",
    )
    shown = "".join(f'<item x="{number}"/>' for number in range(4))
    lines = "".join(f'<i><x v="{number}"/></i>' for number in range(4))
    package.add(
        "xl/pivotTables/pivotTable1.xml",
        f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="按状态" cacheId="7" '
        f'dataCaption="值" updatedVersion="6" createdVersion="6" minRefreshableVersion="3">'
        f'<location ref="G1:H6" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
        f'<pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="5">{shown}'
        f'<item t="default"/></items></pivotField><pivotField dataField="1" showAll="0"/>'
        f'</pivotFields><rowFields count="1"><field x="0"/></rowFields><rowItems count="5">{lines}'
        f'<i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems>'
        f'<dataFields count="1"><dataField name="求和项:数量" fld="1" baseField="0" baseItem="0"/>'
        f"</dataFields></pivotTableDefinition>",
        f"{_SML}.pivotTable+xml",
    )
    link, target = f"{REL}/pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"
    package.relate(
        "xl/worksheets/sheet3.xml", f"{REL}/pivotTable", "../pivotTables/pivotTable1.xml"
    )
    package.relate("xl/pivotTables/pivotTable1.xml", link, f"../{target}")
    cache_id = package.relate(WORKBOOK, link, target)
    package.insert_after(
        WORKBOOK,
        r"<calcPr[^>]*/>",
        f'<pivotCaches><pivotCache cacheId="7" r:id="{cache_id}"/></pivotCaches>',
    )


def add_custom_xml(package: Package) -> None:
    office = "application/vnd.openxmlformats-officedocument"
    package.add(
        "customXml/item1.xml", f'{HEAD}<retention xmlns="urn:example:records">2y</retention>'
    )
    package.add(
        "customXml/itemProps1.xml",
        f'{HEAD}<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'customXml" ds:itemID="{{3D0F1C6B-5A86-4B0F-9E7A-1B2C3D4E5F60}}"><ds:schemaRefs/>'
        f"</ds:datastoreItem>",
        f"{office}.customXmlProperties+xml",
    )
    package.relate("customXml/item1.xml", f"{REL}/customXmlProps", "itemProps1.xml")
    package.relate(WORKBOOK, f"{REL}/customXml", "../customXml/item1.xml")


def look_like_excel(package: Package) -> None:
    """Give the first sheet the prefixes, ids and row attributes that Excel itself writes."""
    extra = (
        f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'mc:Ignorable="x14ac xr xr2 xr3" xmlns:x14ac="{_MS}/spreadsheetml/2009/9/ac" '
        f'xmlns:xr="{_MS}/spreadsheetml/2014/revision" '
        f'xmlns:xr2="{_MS}/spreadsheetml/2015/revision2" '
        f'xmlns:xr3="{_MS}/spreadsheetml/2016/revision3" '
        f'xr:uid="{{6B0E6C7D-9C0A-4B52-8F37-5C1D2E3F4A55}}"'
    )
    text = re.sub(r' (xmlns:mc|xmlns:x14ac|mc:Ignorable)="[^"]*"', "", package.text(SHEET1))
    text = re.sub(r' x14ac:dyDescent="[^"]*"', "", text)
    text = re.sub(r"<c ([^>]*)>(<f>[^<]*</f><v></v>)", r'<c \1 t="str">\2', text)
    text = re.sub(r"(<worksheet[^>]*)>", rf"\1 {extra}>", text, count=1)
    package.replace(WORKBOOK, ' fullCalcOnLoad="1"', "")
    package.set(SHEET1, re.sub(r"(<row [^>/]*[^/>])(/?)>", r'\1 x14ac:dyDescent="0.25"\2>', text))


def add_calc_chain(package: Package) -> None:
    cells = "".join(
        f'<c r="{ref}" i="{number}"/>'
        for number in (1, 3)
        for ref in re.findall(
            r'<c r="([A-Z]+\d+)"[^>]*><f', package.text(f"xl/worksheets/sheet{number}.xml")
        )
    )
    package.add(
        "xl/calcChain.xml",
        f'{HEAD}<calcChain xmlns="{MAIN}">{cells}</calcChain>',
        f"{_SML}.calcChain+xml",
    )
    package.relate(WORKBOOK, f"{REL}/calcChain", "calcChain.xml")
